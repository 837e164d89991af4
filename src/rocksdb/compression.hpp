#pragma once

#include <rocksdb/compression_type.h>

namespace bytestore::rocksdb_backend {

/// How new tables are compressed. RocksDB reads those that it wrote otherwise, too.
inline constexpr rocksdb::CompressionType kCompression = rocksdb::kLZ4Compression;

/// Refuses a RocksDB that was built without this compression, before it finds fault with a folder.
/// \throws Error `unavailable`.
void require_compression();

}  // namespace bytestore::rocksdb_backend
