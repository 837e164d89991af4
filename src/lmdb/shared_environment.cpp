#include "lmdb/shared_environment.hpp"

#include <sys/stat.h>

#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "core/per_process.hpp"
#include "lmdb/lock_file.hpp"
#include "lmdb/marker.hpp"

namespace bytestore::lmdb_backend {
namespace {

/// A file, whatever its path. While it is open, no other file can have its number.
using FileId = std::pair<dev_t, ino_t>;

std::optional<FileId> data_file_of(const std::filesystem::path& folder) {
  struct stat seen{};
  if (::stat((folder / "data.mdb").c_str(), &seen) != 0) return std::nullopt;
  return FileId(seen.st_dev, seen.st_ino);
}

}  // namespace

struct SharedEnvironment::Open {
  Open(const std::filesystem::path& folder, std::size_t map_bytes)
      : environment(folder, map_bytes) {
    check_marker(environment, folder);
  }

  Environment environment;
  WriteQueue queue{environment};
};

/// Environments are opened and closed one at a time: to close the files of one that is being opened
/// would release its locks.
class SharedEnvironment::Registry {
 public:
  std::shared_ptr<Open> open(const std::filesystem::path& folder, std::size_t map_bytes) {
    const std::lock_guard lock(mutex_);
    if (const auto file = data_file_of(folder)) {
      const auto found = open_.find(*file);
      if (found != open_.end()) return found->second;
    }
    reserve_lock_file(folder, kMaxReaders);
    auto opened = std::make_shared<Open>(folder, map_bytes);
    if (const auto file = data_file_of(folder)) open_.insert_or_assign(*file, opened);
    return opened;
  }

  void release(std::shared_ptr<Open> share) noexcept {
    const std::lock_guard lock(mutex_);
    share.reset();
    std::erase_if(open_, [](const auto& entry) { return entry.second.use_count() == 1; });
  }

 private:
  std::mutex mutex_;
  std::map<FileId, std::shared_ptr<Open>> open_;
};

SharedEnvironment::Registry& SharedEnvironment::registry() {
  static core::PerProcess<Registry> of_process;
  return of_process.get();
}

SharedEnvironment::SharedEnvironment(const std::filesystem::path& folder, std::size_t map_bytes)
    : open_(registry().open(folder, map_bytes)) {}

SharedEnvironment::~SharedEnvironment() { registry().release(std::move(open_)); }

Environment& SharedEnvironment::environment() noexcept { return open_->environment; }

WriteQueue& SharedEnvironment::queue() noexcept { return open_->queue; }

}  // namespace bytestore::lmdb_backend
