#include "rocksdb/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <set>
#include <system_error>

#include "bytestore/error.hpp"
#include "rocksdb/status.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// The files of this process's locks. A forked child closes them: it shares them with its parent,
/// and would still hold the folders after the parent has ended.
class OpenFiles {
 public:
  /// Returns the object of this process. It is never destroyed, since threads may outlive static
  /// objects.
  static OpenFiles& of_process() {
    static OpenFiles* const files = [] {
      ::pthread_atfork([] { of_process().mutex_.lock(); }, [] { of_process().mutex_.unlock(); },
                       [] { of_process().after_fork(); });
      return std::make_unique<OpenFiles>().release();
    }();
    return *files;
  }

  /// Returns -1 on failure, with `errno`, as `open` does.
  int open(const std::filesystem::path& file) {
    const std::lock_guard lock(mutex_);
    const int opened = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (opened >= 0) files_.insert(opened);
    return opened;
  }

  void close(int file) {
    const std::lock_guard lock(mutex_);
    files_.erase(file);
    ::close(file);
  }

 private:
  void after_fork() {
    for (const int file : files_) ::close(file);
    files_.clear();
    mutex_.unlock();
  }

  std::mutex mutex_;
  std::set<int> files_;
};

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder)
    : file_(OpenFiles::of_process().open(folder / kFile)) {
  if (file_ >= 0 && ::flock(file_, LOCK_EX | LOCK_NB) == 0) return;
  const std::error_code error(errno, std::generic_category());
  if (file_ >= 0) OpenFiles::of_process().close(file_);
  if (error == std::errc::operation_would_block) {
    throw Error(ErrorCode::unavailable, fmt::format("opening {} failed: {}", folder.string(),
                                                    remedy(ErrorCode::unavailable)));
  }
  throw Error(ErrorCode::io,
              fmt::format("opening {} failed: cannot lock its file {}: {}; check the permissions "
                          "of the folder and the free space of the disk",
                          folder.string(), kFile, error.message()));
}

FolderLock::~FolderLock() {
  ::flock(file_, LOCK_UN);  // a child that is just being forked may still share the file
  OpenFiles::of_process().close(file_);
}

}  // namespace bytestore::rocksdb_backend
