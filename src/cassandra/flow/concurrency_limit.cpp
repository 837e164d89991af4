#include "cassandra/flow/concurrency_limit.hpp"

#include <algorithm>

namespace bytestore::cassandra {
namespace {

/// Answers over which latency is smoothed, and over which a best one from before is forgotten.
constexpr double kLatencySmoothing = 16;
constexpr double kForgetting = 512;

/// Latency holds while it is at most this many times the best.
constexpr double kTolerance = 2;

}  // namespace

void ConcurrencyLimit::answered(std::size_t kind, std::chrono::nanoseconds latency,
                                bool full) noexcept {
  count_old_answer();
  const auto seen = static_cast<double>(latency.count());
  auto& [smoothed, best] = latencies_.at(kind);
  smoothed = smoothed == 0 ? seen : smoothed + (seen - smoothed) / kLatencySmoothing;
  best = best == 0 || smoothed < best ? smoothed : best + (smoothed - best) / kForgetting;
  if (!full) return;
  if (smoothed > kTolerance * best) {
    probing_ = false;
    return;
  }
  limit_ = std::min(limit_ + (probing_ ? 1 : 1 / limit_), static_cast<double>(bounds_.most));
}

void ConcurrencyLimit::congested(std::size_t others) noexcept {
  probing_ = false;
  if (count_old_answer()) return;
  old_answers_ = others;
  const double in_flight = std::min(limit_, static_cast<double>(others + 1));
  limit_ = std::max(in_flight / 2, static_cast<double>(bounds_.least));
}

}  // namespace bytestore::cassandra
