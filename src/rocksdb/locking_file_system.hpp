#pragma once

#include <rocksdb/file_system.h>

#include <memory>

namespace bytestore::rocksdb_backend {

/// Returns RocksDB's default file system, except that the lock of a database (its file LOCK)
/// belongs to the open file and not to the process (`LockKind::file_description`). It still keeps
/// out every other program on RocksDB, and it holds when this process copies the folder or opens it
/// with another copy of RocksDB.
[[nodiscard]] std::shared_ptr<rocksdb::FileSystem> locking_file_system();

}  // namespace bytestore::rocksdb_backend
