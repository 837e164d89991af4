#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/options.h>

#include <memory>

#include "bytestore/rocksdb_byte_store.hpp"

namespace bytestore::rocksdb_backend {

/// How RocksDB opens a store's folder; the reasons stand in the source file.
[[nodiscard]] rocksdb::Options database_options(const RocksDBOptions& options,
                                                const std::shared_ptr<rocksdb::Cache>& block_cache);

}  // namespace bytestore::rocksdb_backend
