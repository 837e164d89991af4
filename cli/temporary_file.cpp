#include "cli/temporary_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <random>

#include "cli/failure.hpp"

namespace bytestore::cli {
namespace {

std::string random_name() {
  std::random_device random;
  const std::uint64_t number = (std::uint64_t{random()} << 32) | random();
  return fmt::format(".bytestore-{:016x}", number);
}

}  // namespace

TemporaryFile::TemporaryFile(int folder, mode_t mode) : folder_(folder) {
  do {
    name_ = random_name();
    file_ = FileDescriptor(
        ::openat(folder, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  } while (!file_.is_open() && errno == EEXIST);
  if (!file_.is_open()) throw FileError(last_error());
}

TemporaryFile::~TemporaryFile() {
  if (!committed_) ::unlinkat(folder_, name_.c_str(), 0);
}

void TemporaryFile::commit(const std::string& name) {
  if (::renameat(folder_, name_.c_str(), folder_, name.c_str()) != 0) throw FileError(last_error());
  committed_ = true;
}

}  // namespace bytestore::cli
