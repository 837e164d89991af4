#include "cli/progress.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bytestore::cli {
namespace {

double share_done(const Amount& done, const Amount& total) {
  const bool by_bytes = total.bytes > 0;
  const auto part = static_cast<double>(by_bytes ? done.bytes : done.items);
  const auto whole = static_cast<double>(by_bytes ? total.bytes : total.items);
  return whole > 0 ? std::min(part / whole, 1.0) : 1.0;
}

}  // namespace

std::string progress_line(std::string_view noun, const Amount& done, const Amount& total,
                          Seconds elapsed) {
  auto line = fmt::format("{}/{}, {}", fmt::group_digits(done.items), counted(total.items, noun),
                          size_text(done.bytes));
  const double share = share_done(done, total);
  if (done.items == 0 || share <= 0) return line;
  const Seconds left = elapsed * ((1 - share) / share);
  return fmt::format("{}, {}, ETA {}", line, rate_text(done.bytes, elapsed), clock_text(left));
}

Progress::Progress(Console& console, std::string_view noun, const Amount& total)
    : console_(console), noun_(noun), total_(total) {}

void Progress::update(const Amount& done) {
  if (!console_.is_terminal()) return;
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + kRedraw;
  console_.show_progress(progress_line(noun_, done, total_, now - begun_));
}

}  // namespace bytestore::cli
