#include "cli/key_rules.hpp"

#include <fmt/format.h>

#include <climits>

#include "bytestore/keys.hpp"
#include "cli/failure.hpp"
#include "cli/text.hpp"

namespace bytestore::cli {
namespace {

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

void require_keys(std::span<const std::string> keys) {
  for (const std::string& key : keys) {
    if (const auto problem = key_problem(key)) {
      throw Failure(ExitCode::usage, fmt::format("the key {} {}", in_quotes(key), *problem));
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
