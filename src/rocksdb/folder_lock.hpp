#pragma once

#include <filesystem>
#include <string_view>

namespace bytestore::rocksdb_backend {

/// Keeps a folder from all other stores, of this process and of others, as long as it is there.
///
/// RocksDB's own lock does not: within a process it takes two spellings of a path for two folders,
/// and the kernel drops it when the process closes any descriptor of the file LOCK, as copying the
/// folder does. This one belongs to an open file of its own (flock).
///
/// A forked child does not hold it, and must not destroy it.
class FolderLock {
 public:
  /// The file that it is on, which stays in the folder.
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
