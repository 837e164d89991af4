#include "cassandra/flow/latency_histogram.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace bytestore::cassandra {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr double kStep = 0.02;

void expect_near(microseconds found, std::int64_t expected) {
  EXPECT_NEAR(static_cast<double>(found.count()), static_cast<double>(expected),
              1 + kStep * static_cast<double>(expected));
}

TEST(LatencyHistogramTest, IsEmptyAtFirst) {
  const auto stats = LatencyHistogram().stats();
  EXPECT_EQ(stats.count, 0U);
  EXPECT_EQ(stats.p50, microseconds{0});
  EXPECT_EQ(stats.max, microseconds{0});
}

TEST(LatencyHistogramTest, HasPercentiles) {
  LatencyHistogram histogram;
  for (int i = 1; i <= 10'000; ++i) histogram.add(microseconds{i});
  const auto stats = histogram.stats();
  EXPECT_EQ(stats.count, 10'000U);
  expect_near(stats.p50, 5'000);
  expect_near(stats.p90, 9'000);
  expect_near(stats.p99, 9'900);
  expect_near(stats.p999, 9'990);
  EXPECT_EQ(stats.max, microseconds{10'000});
}

TEST(LatencyHistogramTest, OfOneAllPercentilesAreIt) {
  LatencyHistogram histogram;
  histogram.add(microseconds{777});
  EXPECT_EQ(histogram.stats().p50, microseconds{777});
  EXPECT_EQ(histogram.stats().p999, microseconds{777});
}

TEST(LatencyHistogramTest, TakesAnyLatency) {
  LatencyHistogram histogram;
  histogram.add(nanoseconds{0});
  histogram.add(nanoseconds{-1});
  histogram.add(hours{2});
  const auto stats = histogram.stats();
  EXPECT_EQ(stats.count, 3U);
  EXPECT_EQ(stats.max, hours{2});
}

TEST(LatencyHistogramTest, CountsForManyThreads) {
  LatencyHistogram histogram;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 1; j <= 10'000; ++j) histogram.add(microseconds{j});
      });
    }
  }
  EXPECT_EQ(histogram.stats().count, 40'000U);
}

}  // namespace
}  // namespace bytestore::cassandra
