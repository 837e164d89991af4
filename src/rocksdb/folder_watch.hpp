#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <filesystem>

namespace bytestore::rocksdb_backend {

/// Notices that the folder of an open database was deleted, replaced or moved: the database would
/// go on in files that no path leads to any more.
class FolderWatch {
 public:
  /// How long the answer of the file system may be used again where each write takes only some
  /// microseconds. Asking takes one; deleting a folder takes about as long as this.
  static constexpr std::chrono::microseconds kShortWhile{100};

  /// Of a database that is open, and stays open while this object is used: it keeps its file LOCK
  /// open, so that no other file can get the same number.
  FolderWatch(const std::filesystem::path& folder, std::chrono::microseconds answer_lasts);

  /// Returns whether the path leads to the same folder, or did as long ago as an answer lasts.
  [[nodiscard]] bool was_there() noexcept;

  /// Returns whether the path leads to the same folder.
  [[nodiscard]] bool is_there() const noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  std::filesystem::path file_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  Clock::duration answer_lasts_;
  std::atomic<Clock::rep> seen_at_{0};
};

}  // namespace bytestore::rocksdb_backend
