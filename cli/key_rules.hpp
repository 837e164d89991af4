#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bytestore::cli {

/// Checks keys that were given as arguments, before anything is done for one of them.
/// \throws Failure `usage` for the first that the library would refuse.
void require_keys(std::span<const std::string> keys);

/// Why a key must not become a file at this path below a folder; nothing if it may. Only a path
/// that names exactly one file, surely inside the folder, may.
std::optional<std::string> path_problem(std::string_view path);

}  // namespace bytestore::cli
