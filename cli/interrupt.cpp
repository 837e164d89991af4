#include "cli/interrupt.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <system_error>

#include "cli/text.hpp"

namespace bytestore::cli {
namespace {

bool is_ignored(int signal) {
  struct sigaction action{};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

FileDescriptor checked(int fd) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "watching for signals");
  return FileDescriptor(fd);
}

void raise_event(const FileDescriptor& event) noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event.get(), &one, sizeof one);
}

[[noreturn]] void end_process(int signal) noexcept {
  const std::string text = stopped_text(signal, "nothing was done") + "\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(128 + signal);
}

}  // namespace

Interrupt::Interrupt() {
  sigemptyset(&watched_);
  for (const int signal : {SIGINT, SIGTERM}) {
    if (!is_ignored(signal)) sigaddset(&watched_, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &watched_, nullptr);
  signals_ = checked(::signalfd(-1, &watched_, SFD_CLOEXEC));
  raised_ = checked(::eventfd(0, EFD_CLOEXEC));
  ended_ = checked(::eventfd(0, EFD_CLOEXEC));
  watcher_ = std::jthread([this] { watch(); });
}

Interrupt::~Interrupt() {
  raise_event(ended_);
  watcher_.join();
}

void Interrupt::watch() noexcept {
  std::array<pollfd, 2> waited_for{pollfd{.fd = ended_.get(), .events = POLLIN, .revents = 0},
                                   pollfd{.fd = signals_.get(), .events = POLLIN, .revents = 0}};
  signalfd_siginfo received{};
  do {
    ::poll(waited_for.data(), waited_for.size(), -1);
    if (waited_for[0].revents != 0) return;
  } while ((waited_for[1].revents & POLLIN) == 0);
  if (::read(signals_.get(), &received, sizeof received) != sizeof received) return;

  const int signal = static_cast<int>(received.ssi_signo);
  if (ends_at_once_) end_process(signal);
  signal_ = signal;
  stop_.request_stop();
  raise_event(raised_);

  // From here on this thread takes the signals, and their default is to end the process.
  ::pthread_sigmask(SIG_UNBLOCK, &watched_, nullptr);
  while (::poll(waited_for.data(), 1, -1) < 0 && errno == EINTR) {
  }
}

}  // namespace bytestore::cli
