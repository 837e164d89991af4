#include "rocksdb/locked_file.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <set>
#include <system_error>

namespace bytestore::rocksdb_backend {
namespace {

/// The locked files of this process. A forked child closes them: it shares them with its parent,
/// and would still hold the locks after the parent has ended.
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

/// Sets or removes a lock of the whole file, by one of `fcntl`'s commands.
bool set_range_lock(int file, int command, bool locked) noexcept {
  struct flock whole{};
  whole.l_type = locked ? F_WRLCK : F_UNLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(file, command, &whole) == 0;
}

}  // namespace

LockedFile::LockedFile(const std::filesystem::path& path, LockKind kind)
    : kind_(kind), file_(OpenFiles::of_process().open(path)) {
  if (file_ >= 0 && set_lock(true)) return;
  const std::error_code error(errno, std::generic_category());
  if (file_ >= 0) OpenFiles::of_process().close(file_);
  throw std::system_error(error);
}

LockedFile::~LockedFile() {
  static_cast<void>(set_lock(false));  // a child that is being forked may still share the file
  OpenFiles::of_process().close(file_);
}

bool LockedFile::set_lock(bool locked) const noexcept {
  if (kind_ == LockKind::flock) return ::flock(file_, locked ? LOCK_EX | LOCK_NB : LOCK_UN) == 0;
  if (set_range_lock(file_, F_OFD_SETLK, locked)) return true;
  // A system without such locks, as some sandboxes are, has at least the usual ones.
  return errno == EINVAL && set_range_lock(file_, F_SETLK, locked);
}

}  // namespace bytestore::rocksdb_backend
