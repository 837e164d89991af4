#include "cli/temporary_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <random>

#include "cli/failure.hpp"

namespace bytestore::cli {
namespace {

constexpr std::string_view kPrefix = ".bytestore-";
constexpr std::size_t kDigits = 16;
constexpr mode_t kUnfinished = S_ISVTX;
constexpr mode_t kPermissions = 07777;

std::string random_name() {
  std::random_device random;
  const std::uint64_t number = (std::uint64_t{random()} << 32) | random();
  return fmt::format("{}{:0{}x}", kPrefix, number, kDigits);
}

bool is_temporary(std::string_view name) {
  return name.starts_with(kPrefix) && name.size() == kPrefix.size() + kDigits &&
         name.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string_view::npos;
}

bool is_unfinished(const struct stat& status) {
  return S_ISREG(status.st_mode) && (status.st_mode & kUnfinished) != 0;
}

/// Opens a file for a lock. Some file systems lock only what may be written, and a file that is to
/// replace one without write permission may not.
FileDescriptor open_to_lock(int folder, const std::string& name) {
  constexpr int kFlags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  FileDescriptor file(::openat(folder, name.c_str(), O_WRONLY | kFlags));
  if (file.is_open()) return file;
  return FileDescriptor(::openat(folder, name.c_str(), O_RDONLY | kFlags));
}

/// Locks a new file. Returns false if another process has removed it before.
bool lock(int file) {
  while (::flock(file, LOCK_EX) != 0 && errno == EINTR) {
  }
  struct stat status{};
  return ::fstat(file, &status) != 0 || status.st_nlink > 0;
}

}  // namespace

TemporaryFile::TemporaryFile(int folder, mode_t mode) : folder_(folder) {
  do {
    name_ = random_name();
    file_ = FileDescriptor(::openat(folder, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                                    mode | kUnfinished));
    if (!file_.is_open() && errno != EEXIST) throw FileError(last_error());
  } while (!file_.is_open() || !lock(file_.get()));
}

TemporaryFile::~TemporaryFile() {
  if (!committed_) ::unlinkat(folder_, name_.c_str(), 0);
}

void TemporaryFile::set_permissions(mode_t mode) {
  if (::fchmod(file_.get(), (mode & kPermissions) | kUnfinished) != 0) {
    throw FileError(last_error());
  }
}

void TemporaryFile::commit(const std::string& name) {
  if (::renameat(folder_, name_.c_str(), folder_, name.c_str()) != 0) throw FileError(last_error());
  committed_ = true;
  // The mark goes last: a file that has a temporary name is marked at any time.
  struct stat status{};
  if (::fstat(file_.get(), &status) != 0) throw FileError(last_error());
  if (!is_unfinished(status)) return;  // the file system does not keep it
  if (::fchmod(file_.get(), status.st_mode & kPermissions & ~kUnfinished) != 0) {
    throw FileError(last_error());
  }
}

bool is_unfinished(int folder, const std::string& name) {
  struct stat status{};
  return is_temporary(name) && ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         is_unfinished(status);
}

bool remove_abandoned(int folder, const std::string& name) {
  if (!is_unfinished(folder, name)) return false;
  const auto file = open_to_lock(folder, name);
  if (!file.is_open() || ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return false;
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !is_unfinished(status)) return false;
  return ::unlinkat(folder, name.c_str(), 0) == 0;
}

}  // namespace bytestore::cli
