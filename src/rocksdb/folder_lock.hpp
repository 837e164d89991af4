#pragma once

#include <filesystem>
#include <string_view>

#include "rocksdb/locked_file.hpp"

namespace bytestore::rocksdb_backend {

/// Locks a folder against all other stores, of this process and of others, while the object lives.
/// It does so before RocksDB, which locks its own file LOCK (`locking_file_system`), reads anything
/// there.
///
/// A forked child does not hold the lock, and must not destroy the object.
class FolderLock {
 public:
  /// The name of the locked file, which stays in the folder and marks it as ours.
  static constexpr std::string_view kFile = "bytestore.lock";

  /// \throws Error `unavailable` if the folder is held; `io`.
  explicit FolderLock(const std::filesystem::path& folder);

 private:
  LockedFile file_;
};

}  // namespace bytestore::rocksdb_backend
