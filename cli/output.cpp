#include "cli/output.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "cli/failure.hpp"
#include "cli/wait_ready.hpp"

namespace bytestore::cli {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

/// The size of one write to a file on disk; interrupts are checked between writes.
constexpr std::size_t kFileWriteBytes = std::size_t{1} << 20;

/// A pipe that polls as writable takes this much without blocking.
constexpr std::size_t kPipeWriteBytes = PIPE_BUF;

bool is_regular_file(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

Output::Output(int fd, const Interrupt& interrupt)
    : fd_(fd), interrupt_(interrupt), may_block_(!is_regular_file(fd)) {}

void Output::write(std::string_view record) {
  if (record.size() >= kBufferBytes) {
    flush();
    hand_over(record);
    ++delivered_;
    return;
  }
  buffer_ += record;
  ++buffered_;
  if (buffer_.size() >= kBufferBytes) flush();
}

void Output::flush() {
  hand_over(buffer_);
  buffer_.clear();
  delivered_ += std::exchange(buffered_, 0);
}

void Output::hand_over(std::string_view bytes) {
  const auto most = may_block_ ? kPipeWriteBytes : kFileWriteBytes;
  while (!bytes.empty()) {
    if (may_block_) wait_ready(fd_, POLLOUT, interrupt_);
    if (interrupt_.requested()) throw Interrupted();
    const auto written = ::write(fd_, bytes.data(), std::min(bytes.size(), most));
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      throw OutputClosed();
    } else if (errno != EINTR && errno != EAGAIN) {
      throw FileError(last_error());
    }
  }
}

}  // namespace bytestore::cli
