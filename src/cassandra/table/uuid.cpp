#include "cassandra/table/uuid.hpp"

#include <cstdint>
#include <ratio>

#include "cassandra/cql/big_endian.hpp"

namespace bytestore::cassandra {

std::optional<NodeId> read_node_id(std::optional<std::span<const std::byte>> cell) {
  constexpr std::size_t kHalf = sizeof(std::uint64_t);
  if (!cell || cell->size() != 2 * kHalf) return std::nullopt;
  const auto high = read_integer<std::uint64_t>(cell->first(kHalf));
  const auto low = read_integer<std::uint64_t>(cell->last(kHalf));
  if (!high || !low) return std::nullopt;
  return NodeId{.high = *high, .low = *low};
}

std::optional<std::chrono::system_clock::time_point> made_at(
    std::optional<std::span<const std::byte>> cell) {
  const auto id = read_node_id(cell);
  if (!id || (id->high >> 12U & 0xFU) != 1) return std::nullopt;
  const auto ticks =
      (id->high & 0xFFFU) << 48U | (id->high >> 16U & 0xFFFFU) << 32U | id->high >> 32U;
  using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
  constexpr Ticks kFromGregorianToUnix{0x01B2'1DD2'1381'4000};
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          Ticks(static_cast<std::int64_t>(ticks)) - kFromGregorianToUnix));
}

}  // namespace bytestore::cassandra
