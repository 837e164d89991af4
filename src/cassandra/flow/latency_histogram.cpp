#include "cassandra/flow/latency_histogram.hpp"

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

// NOLINTNEXTLINE(bugprone-exception-escape): the size is fixed, so nothing is allocated
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
  counts.reserve(histogram.size());
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
    microseconds LatencyStats::* latency;
  };
  constexpr std::array<Percentile, 4> kPercentiles{
      {{.share = 0.5, .latency = &LatencyStats::p50},
       {.share = 0.9, .latency = &LatencyStats::p90},
       {.share = 0.99, .latency = &LatencyStats::p99},
       {.share = 0.999, .latency = &LatencyStats::p999}}};
  std::uint64_t below = 0;
  const auto* next = kPercentiles.begin();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    below += counts[i];
    const auto share = static_cast<double>(below) / static_cast<double>(stats.count);
    const double upper = steps.bin(static_cast<int>(i) - 1).upper();
    for (; next != kPercentiles.end() && share >= next->share; ++next) {
      stats.*next->latency = microseconds(std::llround(std::min(upper, longest)));
    }
  }
  return stats;
}

}  // namespace bytestore::cassandra
