#include "full_disk/refused_writes.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <limits>

namespace bytestore::testing {
namespace {

constexpr int kNone = std::numeric_limits<int>::max();

std::atomic<int> writes_left{kNone};
std::atomic<bool> is_full{false};

enum class Fate { whole, half, refused };

bool is_regular(int file) noexcept {
  struct stat status{};
  return ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

Fate fate_of_write(int file) noexcept {
  if (writes_left.load() == kNone || !is_regular(file)) return Fate::whole;
  if (is_full) return Fate::refused;
  if (writes_left.fetch_sub(1) > 0) return Fate::whole;
  is_full = true;
  return Fate::half;
}

/// Writes `size` bytes as it is to be: by `write(bytes)`, or not.
template <typename Write>
ssize_t write_or_refuse(int file, std::size_t size, const Write& write) noexcept {
  const Fate fate = fate_of_write(file);
  if (fate == Fate::whole) return write(size);
  if (fate == Fate::half && size > 1) return write(size / 2);
  errno = ENOSPC;
  return -1;
}

/// Whether room for what is not written yet is refused.
bool refuses_room(int file) noexcept { return fate_of_write(file) != Fate::whole; }

}  // namespace

void fill_disk_at(int write) noexcept {
  is_full = false;
  writes_left = write;
}

bool empty_disk() noexcept {
  writes_left = kNone;
  return is_full.exchange(false);
}

}  // namespace bytestore::testing

// In place of the C library's, which they call.

using bytestore::testing::refuses_room;
using bytestore::testing::write_or_refuse;

extern "C" ssize_t write(int file, const void* bytes, size_t count) {
  using Write = ssize_t (*)(int, const void*, size_t);
  static const auto real = reinterpret_cast<Write>(::dlsym(RTLD_NEXT, "write"));
  return write_or_refuse(file, count, [&](size_t some) { return real(file, bytes, some); });
}

extern "C" ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
  using Write = ssize_t (*)(int, const void*, size_t, off_t);
  static const auto real = reinterpret_cast<Write>(::dlsym(RTLD_NEXT, "pwrite"));
  return write_or_refuse(file, count, [&](size_t some) { return real(file, bytes, some, offset); });
}

/// Of half of the parts, the first is written.
extern "C" ssize_t writev(int file, const iovec* parts, int count) {
  using Write = ssize_t (*)(int, const iovec*, int);
  static const auto real = reinterpret_cast<Write>(::dlsym(RTLD_NEXT, "writev"));
  return write_or_refuse(file, static_cast<std::size_t>(count), [&](std::size_t some) {
    return real(file, parts, static_cast<int>(some));
  });
}

extern "C" int fallocate(int file, int mode, off_t offset, off_t size) {
  using Allocate = int (*)(int, int, off_t, off_t);
  static const auto real = reinterpret_cast<Allocate>(::dlsym(RTLD_NEXT, "fallocate"));
  if (!refuses_room(file)) return real(file, mode, offset, size);
  errno = ENOSPC;
  return -1;
}

extern "C" int posix_fallocate(int file, off_t offset, off_t size) {
  using Allocate = int (*)(int, off_t, off_t);
  static const auto real = reinterpret_cast<Allocate>(::dlsym(RTLD_NEXT, "posix_fallocate"));
  return refuses_room(file) ? ENOSPC : real(file, offset, size);
}
