#pragma once

#include <rocksdb/file_system.h>

#include <memory>

namespace bytestore::rocksdb_backend {

/// Returns `files` for one database, which while it is open changes nothing in a folder that has
/// taken the place of its own (`FolderWatch`). RocksDB goes by names, in the background too: it
/// would delete and overwrite files of the other database, as those of a copy that was restored.
/// That one may be open in this process as well, with the same names.
[[nodiscard]] std::shared_ptr<rocksdb::FileSystem> guarding_file_system(
    const std::shared_ptr<rocksdb::FileSystem>& files);

}  // namespace bytestore::rocksdb_backend
