#include "lmdb/lock_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "bytestore/error.hpp"

namespace bytestore::lmdb_backend {
namespace {

/// Of a reader, and of what stands before the first one: a cache line each, and some room.
constexpr off_t kReaderBytes = 64;
constexpr off_t kHeadBytes = 4'096;

constexpr mode_t kLockFileMode = 0644;

}  // namespace

void reserve_lock_file(const std::filesystem::path& folder, unsigned max_readers) {
  const auto path = folder / "lock.mdb";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kLockFileMode);
  int error = file < 0 ? errno : 0;
  if (file >= 0) {
    // It keeps its size, by which LMDB knows how many readers have a place in it.
    const off_t bytes = kHeadBytes + kReaderBytes * static_cast<off_t>(max_readers);
    if (::fallocate(file, FALLOC_FL_KEEP_SIZE, 0, bytes) != 0) error = errno;
    ::close(file);
  }
  // Not every file system can set space aside.
  if (error == 0 || error == EOPNOTSUPP || error == ENOSYS) return;
  throw Error(ErrorCode::io,
              fmt::format("opening {} failed: its file lock.mdb cannot be made: {}; check the "
                          "permissions of the folder and the free space of the disk",
                          folder.string(), std::generic_category().message(error)));
}

}  // namespace bytestore::lmdb_backend
