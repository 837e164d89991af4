#include "cli/input.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "bytestore/rocksdb_byte_store.hpp"
#include "cli/failure.hpp"
#include "cli/text.hpp"
#include "cli/wait_ready.hpp"

namespace bytestore::cli {
namespace {

/// The largest value that any backend accepts. More is refused before it fills the memory.
constexpr std::size_t kMaxBytes = RocksDBByteStore::kMaxValueBytes;

/// The size of one read of a file on disk; interrupts are checked between reads.
constexpr std::size_t kFileReadBytes = std::size_t{1} << 20;

/// The size of one read of a stream: what a pipe holds on Linux.
constexpr std::size_t kStreamReadBytes = std::size_t{64} << 10;

[[noreturn]] void refuse_size() {
  throw FileError(fmt::format("it has more than {}, the limit", size_text(kMaxBytes)));
}

/// Reads once, and appends at most `most` bytes to `content`. Returns false at the end of the file.
bool read_some(int fd, std::string& content, std::size_t most) {
  const auto size = content.size();
  content.resize(size + most);
  const auto got = ::read(fd, content.data() + size, most);
  const int error = errno;
  content.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got >= 0) return got > 0;
  if (error == EINTR || error == EAGAIN) return true;
  errno = error;
  throw FileError(last_error());
}

struct stat status_of(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) throw FileError(last_error());
  return status;
}

bool same_content(const struct stat& before, const struct stat& after) {
  return before.st_size == after.st_size && before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
         before.st_mtim.tv_nsec == after.st_mtim.tv_nsec;
}

}  // namespace

std::string read_stream(int fd, const Interrupt& interrupt) {
  std::string content;
  do {
    if (content.size() > kMaxBytes) refuse_size();
    wait_ready(fd, POLLIN, interrupt);
  } while (read_some(fd, content, kStreamReadBytes));
  return content;
}

std::string read_stream(const std::string& path, const Interrupt& interrupt) {
  if (path == "-") return read_stream(STDIN_FILENO, interrupt);
  // Non-blocking: opening a FIFO without a writer would wait, and could not be interrupted.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.is_open()) {
    throw Failure(ExitCode::usage,
                  fmt::format("cannot open {}: {}", path_in_quotes(path), last_error()));
  }
  if (S_ISDIR(status_of(file.get()).st_mode)) {
    throw Failure(ExitCode::usage,
                  fmt::format("cannot read {}: it is a folder", path_in_quotes(path)));
  }
  return read_stream(file.get(), interrupt);
}

std::string read_file(int folder, const std::string& name, const std::stop_token& stop) {
  const FileDescriptor file(
      ::openat(folder, name.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.is_open()) throw FileError(last_error());
  const auto before = status_of(file.get());
  if (!S_ISREG(before.st_mode)) throw FileError("it is no longer a regular file");
  const auto size = static_cast<std::size_t>(before.st_size);
  if (size > kMaxBytes) refuse_size();

  std::string content;
  content.reserve(size + 1);
  do {
    if (stop.stop_requested()) throw Interrupted();
    // If there is one byte more than expected, the file has grown.
  } while (content.size() <= size &&
           read_some(file.get(), content, std::min(kFileReadBytes, size + 1 - content.size())));
  if (content.size() != size || !same_content(before, status_of(file.get()))) {
    throw FileError("it changed while it was read; import it again");
  }
  return content;
}

}  // namespace bytestore::cli
