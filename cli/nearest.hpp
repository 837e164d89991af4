#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bytestore::cli {

/// The one of `known` that `word` was probably meant to be: the nearest by edit distance, if it is
/// near.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

}  // namespace bytestore::cli
