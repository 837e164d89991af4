#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bytestore::cli {

/// Checks keys that were given as arguments, before anything is done for one of them.
/// \throws Failure `usage` for the first key that the library would refuse.
void require_keys(std::span<const std::string> keys);

/// Returns why a key must not become a file at this path below a folder, or nothing if it may. A
/// path must name exactly one file, and the file must certainly be inside the folder.
std::optional<std::string> path_problem(std::string_view path);

}  // namespace bytestore::cli
