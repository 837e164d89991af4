#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/slice.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytestore/bytes.hpp"

namespace bytestore::rocksdb_backend {

[[nodiscard]] std::string too_large_message(std::size_t bytes);

/// The message for a value that `take_value` cannot read.
inline constexpr std::string_view kUnknownHeaderMessage =
    "the value has no header that this version of bytestore knows; it was damaged, or written by a "
    "newer version";

/// Returns the user's bytes of a value that the database returned, or nothing if its header is not
/// known. Leaves `stored` empty, for the next read.
///
/// The bytes are not copied if they are most of the memory that they would keep alive: a block of
/// the cache (which may outlive the database), or the string that RocksDB copied the value into.
[[nodiscard]] std::optional<Bytes> take_value(rocksdb::PinnableSlice& stored, std::size_t key_size,
                                              const std::shared_ptr<rocksdb::Cache>& block_cache);

/// Values that the database returned, with the blocks of the cache that they pin.
class PinnedValues {
 public:
  PinnedValues(std::size_t count, std::shared_ptr<rocksdb::Cache> block_cache)
      : block_cache_(std::move(block_cache)), values_(count) {}

  [[nodiscard]] std::span<rocksdb::PinnableSlice> values() noexcept { return values_; }

 private:
  std::shared_ptr<rocksdb::Cache> block_cache_;  // outlives the slices
  std::vector<rocksdb::PinnableSlice> values_;
};

/// Returns the user's bytes of `stored`, which is one of `owner`, without copying them; or nothing
/// if its header is not known.
[[nodiscard]] std::optional<Bytes> share_value(const rocksdb::PinnableSlice& stored,
                                               const std::shared_ptr<const PinnedValues>& owner);

}  // namespace bytestore::rocksdb_backend
