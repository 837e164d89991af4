#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>

namespace bytestore::cassandra {

/// An int, bigint or timestamp as the protocol writes it; none for a null or another length.
template <typename Integer>
[[nodiscard]] std::optional<Integer> read_integer(
    std::optional<std::span<const std::byte>> cell) noexcept {
  if (!cell || cell->size() != sizeof(Integer)) return std::nullopt;
  std::make_unsigned_t<Integer> bits = 0;
  for (const std::byte byte : *cell) {
    bits = static_cast<decltype(bits)>(bits << 8U) | std::to_integer<decltype(bits)>(byte);
  }
  return static_cast<Integer>(bits);
}

}  // namespace bytestore::cassandra
