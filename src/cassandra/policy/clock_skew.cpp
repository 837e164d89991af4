#include "cassandra/policy/clock_skew.hpp"

#include <fmt/format.h>

#include <utility>

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWarnAbove{1'000};
constexpr milliseconds kRefuseAbove{60'000};

std::string in_words(const ClockDifference& clock) {
  return fmt::format("the clock of node {} is {} ms {} this machine's", clock.node,
                     std::chrono::abs(clock.ahead).count(),
                     clock.ahead.count() > 0 ? "ahead of" : "behind");
}

}  // namespace

ClockVerdict classify_clocks(const std::vector<ClockDifference>& clocks, bool allow_difference) {
  ClockVerdict verdict;
  for (const ClockDifference& clock : clocks) {
    const auto difference = std::chrono::abs(clock.ahead);
    if (difference <= kWarnAbove) continue;
    verdict.warnings.push_back(in_words(clock) + "; synchronise the clocks");
    if (difference <= kRefuseAbove || allow_difference || verdict.refusal) continue;
    verdict.refusal.emplace(
        ErrorCode::unavailable,
        in_words(clock) +
            ", so that of the writes of this and other machines later ones would lose against "
            "earlier ones; synchronise the clocks, have the servers give the timestamps "
            "(timestamps=server), or set allow_clock_difference");
  }
  return verdict;
}

}  // namespace bytestore::cassandra
