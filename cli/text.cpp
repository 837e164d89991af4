#include "cli/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <csignal>

#include "bytestore/open.hpp"

namespace bytestore::cli {
namespace {

constexpr double kKiB = 1024;
constexpr double kMiB = kKiB * kKiB;

/// The shortest time for a rate: a coarse clock would otherwise give a short run an absurd rate.
constexpr Seconds kShortestTime{0.001};

}  // namespace

std::string in_quotes(std::string_view bytes) { return fmt::format("{:?}", bytes); }

std::string path_in_quotes(std::string_view path) { return in_quotes(redacted(path)); }

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", fmt::group_digits(count), noun, count == 1 ? "" : "s");
}

std::string size_text(std::uint64_t bytes) {
  const auto size = static_cast<double>(bytes);
  if (size < kKiB) return counted(bytes, "byte");
  if (size < kMiB / 10) return fmt::format("{:.1f} KiB", size / kKiB);
  return fmt::format("{:.1f} MiB", size / kMiB);
}

std::string rate_text(std::uint64_t bytes, Seconds elapsed) {
  const double seconds = std::max(elapsed, kShortestTime).count();
  return fmt::format("{:.1f} MiB/s", static_cast<double>(bytes) / kMiB / seconds);
}

std::string clock_text(Seconds duration) {
  const auto seconds = static_cast<std::uint64_t>(std::lround(std::max(duration.count(), 0.0)));
  const auto minutes = seconds / 60;
  if (minutes < 60) return fmt::format("{}:{:02}", minutes, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", minutes / 60, minutes % 60, seconds % 60);
}

std::string signal_name(int signal) {
  if (signal == SIGINT) return "SIGINT";
  if (signal == SIGTERM) return "SIGTERM";
  return fmt::format("signal {}", signal);
}

std::string stopped_text(int signal, std::string_view done) {
  return fmt::format("bytestore: stopped by {}: {}", signal_name(signal), done);
}

}  // namespace bytestore::cli
