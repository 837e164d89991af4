#pragma once

#include <filesystem>
#include <string_view>

namespace bytestore::rocksdb_backend {

/// Locks a folder against all other stores, of this process and of others, while the object lives.
///
/// RocksDB's own lock is not enough: within a process it takes two spellings of a path for two
/// folders, and the kernel releases it when the process closes any descriptor of the file LOCK, as
/// copying the folder does. Our lock belongs to an open file of its own (flock).
///
/// A forked child does not hold the lock, and must not destroy the object.
class FolderLock {
 public:
  /// The name of the locked file, which stays in the folder.
  static constexpr std::string_view kFile = "bytestore.lock";

  /// \throws Error `unavailable` if the folder is held; `io`.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_;
};

}  // namespace bytestore::rocksdb_backend
