#include "cli/wait_ready.hpp"

#include <poll.h>

#include <array>
#include <cerrno>

#include "cli/failure.hpp"

namespace bytestore::cli {

void wait_ready(int fd, short events, const Interrupt& interrupt) {
  std::array<pollfd, 2> waited_for{
      pollfd{.fd = fd, .events = events, .revents = 0},
      pollfd{.fd = interrupt.descriptor(), .events = POLLIN, .revents = 0}};
  while (true) {
    const int ready = ::poll(waited_for.data(), waited_for.size(), -1);
    if (ready < 0 && errno != EINTR) throw FileError(last_error());
    if (ready <= 0) continue;
    if (waited_for[1].revents != 0) throw Interrupted();
    return;
  }
}

}  // namespace bytestore::cli
