#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace bytestore::cassandra {

/// Where `text` has its first byte that is not ASCII: a column of the type ascii cannot hold it.
constexpr std::optional<std::size_t> find_non_ascii(std::string_view text) noexcept {
  const auto* const found =
      std::ranges::find_if(text, [](char c) { return static_cast<unsigned char>(c) > 0x7f; });
  if (found == text.end()) return std::nullopt;
  return static_cast<std::size_t>(found - text.begin());
}

}  // namespace bytestore::cassandra
