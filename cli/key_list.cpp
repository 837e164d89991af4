#include "cli/key_list.hpp"

#include <nlohmann/json.hpp>

#include "bytestore/keys.hpp"
#include "cli/failure.hpp"

namespace bytestore::cli {

std::string listed(const std::string& key, KeyFormat format) {
  switch (format) {
    case KeyFormat::json:
      return nlohmann::json(key).dump() + '\n';
    case KeyFormat::nul_terminated:
      return key + '\0';
    case KeyFormat::line:
      break;
  }
  return key + '\n';
}

KeyList read_key_list(
    std::string_view list,
    const std::function<void(std::string_view key, std::string_view problem)>& left_out) {
  // Without NUL bytes, all lines would be one long key, which is absent and therefore ignored.
  if (!list.empty() && list.back() != '\0') {
    throw Failure(ExitCode::usage,
                  "standard input does not end with a NUL byte, so the list is incomplete or has "
                  "another format; write it with bytestore keys -0");
  }
  KeyList found;
  while (!list.empty()) {
    const auto key = list.substr(0, list.find('\0'));
    list.remove_prefix(key.size() + 1);
    if (const auto problem = key_problem(key)) {
      left_out(key, *problem);
      found.is_whole = false;
      continue;
    }
    found.keys.emplace_back(key);
  }
  return found;
}

}  // namespace bytestore::cli
