#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace bytestore::rocksdb_backend {

/// Returns the positions of `keys` in the order of the keys' bytes; equal keys keep their order.
/// There are fewer than 2^32 keys.
[[nodiscard]] std::vector<std::uint32_t> positions_by_key(std::span<const std::string_view> keys);

}  // namespace bytestore::rocksdb_backend
