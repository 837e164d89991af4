#pragma once

#include <cstdint>
#include <filesystem>

namespace bytestore::rocksdb_backend {

/// Whom the lock of a file keeps out.
enum class LockKind : std::uint8_t {
  flock,             ///< those who lock by `flock`
  file_description,  ///< those who lock by `fcntl`, as RocksDB does, also within this process
};

/// A file that is created if necessary, and locked while the object lives.
///
/// A lock of either kind belongs to the open file, and not to the process: nothing else that the
/// process does with the file releases it. `fcntl`'s usual locks are released when the process
/// closes any descriptor of the file, as copying it does.
///
/// A forked child does not hold the lock, and must not destroy the object.
class LockedFile {
 public:
  /// \throws std::system_error `resource_unavailable_try_again` or `permission_denied` if the lock
  /// is held; otherwise why the file cannot be opened or locked.
  LockedFile(const std::filesystem::path& path, LockKind kind);
  ~LockedFile();
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;

 private:
  /// Returns whether that was done; `errno` says why not.
  [[nodiscard]] bool set_lock(bool locked) const noexcept;

  LockKind kind_;
  int file_;
};

}  // namespace bytestore::rocksdb_backend
