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

/// What a value is reported with that `take_value` cannot read.
inline constexpr std::string_view kUnknownHeaderMessage =
    "the value has no header that this version of bytestore knows; it was damaged, or written by a "
    "newer version";

/// The user's bytes of a value as the database returned it; nothing if its header is not known.
/// Leaves `stored` empty, for the next read.
///
/// Without a copy where the value is most of the memory that it holds on to: a block of the cache
/// (which is kept alive, the database need not be), or the string that RocksDB copied it into.
[[nodiscard]] std::optional<Bytes> take_value(rocksdb::PinnableSlice& stored, std::size_t key_size,
                                              const std::shared_ptr<rocksdb::Cache>& block_cache);

}  // namespace bytestore::rocksdb_backend
