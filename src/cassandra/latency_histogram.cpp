#include "cassandra/latency_histogram.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/histogram/accumulators/count.hpp>
#include <boost/histogram/axis/regular.hpp>
#include <boost/histogram/histogram.hpp>
#include <boost/histogram/make_histogram.hpp>
#include <boost/histogram/storage_adaptor.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

namespace bytestore::cassandra {
namespace {

namespace bh = boost::histogram;

constexpr double kLeastMicroseconds = 1;
constexpr double kMostMicroseconds = 1e9;
constexpr double kStep = 1.02;

auto empty_histogram() {
  using Log = bh::axis::transform::log;
  const auto steps = static_cast<unsigned>(
      std::ceil(std::log(kMostMicroseconds / kLeastMicroseconds) / std::log(kStep)));
  return bh::make_histogram_with(
      std::vector<bh::accumulators::count<std::uint64_t, true>>(),
      bh::axis::regular<double, Log>(steps, kLeastMicroseconds, kMostMicroseconds));
}

}  // namespace

struct LatencyHistogram::Counts {
  decltype(empty_histogram()) histogram = empty_histogram();
  std::atomic<std::int64_t> longest_ns{0};
};

LatencyHistogram::LatencyHistogram() : counts_(std::make_unique<Counts>()) {}
LatencyHistogram::~LatencyHistogram() = default;

void LatencyHistogram::add(std::chrono::nanoseconds latency) noexcept {
  counts_->histogram(std::max(static_cast<double>(latency.count()) / 1e3, 0.0));
  auto longest = counts_->longest_ns.load(std::memory_order_relaxed);
  while (latency.count() > longest && !counts_->longest_ns.compare_exchange_weak(
                                          longest, latency.count(), std::memory_order_relaxed)) {
  }
}

LatencyStats LatencyHistogram::stats() const {
  using std::chrono::microseconds;
  const auto& histogram = counts_->histogram;
  const auto& steps = histogram.axis();
  LatencyStats stats;
  // With what is below the first step, at -1, and above the last.
  std::vector<std::uint64_t> counts;
  counts.reserve(static_cast<std::size_t>(steps.size()) + 2);
  for (int step = -1; step <= steps.size(); ++step) {
    counts.push_back(histogram.at(step).value());
    stats.count += counts.back();
  }
  if (stats.count == 0) return stats;
  const auto longest =
      static_cast<double>(counts_->longest_ns.load(std::memory_order_relaxed)) / 1e3;
  stats.max = microseconds(std::llround(longest));

  struct Percentile {
    double share;
    microseconds& latency;
  };
  const std::array<Percentile, 4> percentiles{
      {{0.5, stats.p50}, {0.9, stats.p90}, {0.99, stats.p99}, {0.999, stats.p999}}};
  std::uint64_t below = 0;
  auto next = percentiles.begin();
  for (int step = -1; step <= steps.size() && next != percentiles.end(); ++step) {
    below += counts[static_cast<std::size_t>(step + 1)];
    while (next != percentiles.end() &&
           static_cast<double>(below) >= next->share * static_cast<double>(stats.count)) {
      next->latency = microseconds(std::llround(std::min(steps.bin(step).upper(), longest)));
      ++next;
    }
  }
  return stats;
}

}  // namespace bytestore::cassandra
