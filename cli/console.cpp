#include "cli/console.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace bytestore::cli {
namespace {

/// Goes to the start of the line and erases it (ECMA-48).
constexpr std::string_view kEraseLine = "\r\x1b[K";

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Console::Console(int fd) noexcept : fd_(fd), is_terminal_(::isatty(fd) == 1) {}

void Console::say(std::string_view line) {
  clear_progress();
  write_all(fd_, fmt::format("{}\n", line));
}

void Console::complain(std::string_view problem) { say(fmt::format("bytestore: {}", problem)); }

void Console::show_progress(std::string_view line) {
  if (!is_terminal_) return;
  write_all(fd_, fmt::format("{}{}", kEraseLine, line));
  progress_shown_ = true;
}

void Console::clear_progress() {
  if (!progress_shown_) return;
  write_all(fd_, kEraseLine);
  progress_shown_ = false;
}

}  // namespace bytestore::cli
