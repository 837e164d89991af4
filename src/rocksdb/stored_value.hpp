#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/slice.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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

}  // namespace bytestore::rocksdb_backend
