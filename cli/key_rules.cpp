#include "cli/key_rules.hpp"

#include <fmt/format.h>
#include <utf8.h>

#include <climits>
#include <cstddef>

#include "cli/failure.hpp"
#include "cli/text.hpp"

namespace bytestore::cli {
namespace {

constexpr std::size_t kMaxKeyBytes = 65'535;

std::optional<std::string> component_problem(std::string_view component) {
  if (component.empty()) return "it has an empty path component";
  if (component == "." || component == "..") {
    return fmt::format("it has the path component \"{}\"", component);
  }
  if (component.size() > NAME_MAX) {
    return fmt::format("it has a path component of {} bytes, over the limit of {}",
                       component.size(), NAME_MAX);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> key_problem(std::string_view key) {
  if (key.empty()) return "it is empty";
  if (key.size() > kMaxKeyBytes) {
    return fmt::format("as a key it has {} bytes, over the limit of {}", key.size(), kMaxKeyBytes);
  }
  if (!utf8::is_valid(key.begin(), key.end())) return "it is not valid UTF-8";
  return std::nullopt;
}

void require_keys(std::span<const std::string> keys) {
  for (const std::string& key : keys) {
    if (const auto problem = key_problem(key)) {
      throw Failure(ExitCode::usage, fmt::format("{} is no key: {}", in_quotes(key), *problem));
    }
  }
}

std::optional<std::string> path_problem(std::string_view path) {
  if (path.empty()) return "nothing is left of it without the prefix";
  if (path.find('\0') != std::string_view::npos) return "it holds a NUL byte";
  if (path.front() == '/') return "it begins with a slash without the prefix";
  if (path.back() == '/') return "it ends with a slash";
  while (true) {
    const auto slash = path.find('/');
    if (auto problem = component_problem(path.substr(0, slash))) return problem;
    if (slash == std::string_view::npos) return std::nullopt;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace bytestore::cli
