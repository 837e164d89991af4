#pragma once

#include "cli/interrupt.hpp"

namespace bytestore::cli {

/// Waits until `fd` can be read or written (`events`: POLLIN or POLLOUT) or has failed.
/// \throws Interrupted when a signal comes first.
void wait_ready(int fd, short events, const Interrupt& interrupt);

}  // namespace bytestore::cli
