#include "rocksdb/folder_watch.hpp"

#include <sys/stat.h>

namespace bytestore::rocksdb_backend {

FolderWatch::FolderWatch(const std::filesystem::path& folder,
                         std::chrono::microseconds answer_lasts)
    : file_(folder / "LOCK"), answer_lasts_(answer_lasts) {
  struct stat seen{};
  if (::stat(file_.c_str(), &seen) != 0) return;  // then it is not there
  device_ = seen.st_dev;
  inode_ = seen.st_ino;
}

bool FolderWatch::was_there() noexcept {
  const auto now = Clock::now().time_since_epoch();
  if (now - Clock::duration(seen_at_.load(std::memory_order_relaxed)) < answer_lasts_) return true;
  if (!is_there()) return false;
  seen_at_.store(now.count(), std::memory_order_relaxed);
  return true;
}

bool FolderWatch::is_there() const noexcept {
  struct stat seen{};
  return ::stat(file_.c_str(), &seen) == 0 && seen.st_dev == device_ && seen.st_ino == inode_;
}

}  // namespace bytestore::rocksdb_backend
