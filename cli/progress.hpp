#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/console.hpp"
#include "cli/text.hpp"

namespace bytestore::cli {

/// A line of progress is drawn often enough to show it, and seldom enough to cost nothing.
inline constexpr std::chrono::milliseconds kRedraw{100};

/// How much was done, or is to be done.
struct Amount {
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;  ///< 0 in a total if its bytes are not known
};

/// "1,234/5,432 files, 12.3 MiB, 45.6 MiB/s, ETA 0:05". The time left is estimated from the
/// bytes, or from the items if the total bytes are not known. It is not shown before anything was
/// done.
std::string progress_line(std::string_view noun, const Amount& done, const Amount& total,
                          Seconds elapsed);

/// Shows how far a command has come, on a terminal only.
class Progress {
 public:
  Progress(Console& console, std::string_view noun, const Amount& total);
  ~Progress() { console_.clear_progress(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Draws the line, unless it was drawn less than 0.1 s ago.
  void update(const Amount& done);

 private:
  using Clock = std::chrono::steady_clock;

  Console& console_;
  std::string noun_;
  Amount total_;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point next_{};
};

}  // namespace bytestore::cli
