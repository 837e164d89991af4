#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>

#include <cstddef>
#include <memory>

#include "bytestore/rocksdb_byte_store.hpp"

namespace bytestore::rocksdb_backend {

/// Returns the size of the cache for blocks: what the options say, or what suits the memory.
[[nodiscard]] std::size_t block_cache_bytes(const RocksDBOptions& options);

/// How RocksDB opens a store's folder; the reasons stand in the source file. `environment` outlives
/// the database.
[[nodiscard]] rocksdb::Options database_options(const RocksDBOptions& options,
                                                const std::shared_ptr<rocksdb::Cache>& block_cache,
                                                rocksdb::Env& environment);

}  // namespace bytestore::rocksdb_backend
