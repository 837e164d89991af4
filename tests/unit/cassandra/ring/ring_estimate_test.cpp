#include "cassandra/ring/ring_estimate.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>

#include "unit/support/rings.hpp"

namespace bytestore::cassandra {
namespace {

constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
constexpr auto kLast = std::numeric_limits<std::int64_t>::max();

void add(RingEstimate& estimate, std::int64_t after, std::int64_t last, std::int64_t keys) {
  estimate.add(murmur3_ring(), {.after = murmur3_token(after), .last = murmur3_token(last)}, keys);
}

TEST(RingEstimateTest, IsTheSumOverAWholeRing) {
  RingEstimate estimate;
  EXPECT_EQ(estimate.keys(), 0U);
  add(estimate, kFirst, 0, 300);
  add(estimate, 0, kLast, 200);
  EXPECT_EQ(estimate.keys(), 500U);
}

TEST(RingEstimateTest, TakesTheRestToBeLikeWhatIsKnown) {
  RingEstimate quarter;
  add(quarter, kFirst, kFirst / 2, 25);
  EXPECT_EQ(quarter.keys(), 100U);
}

TEST(RingEstimateTest, KnowsRangesThatWrap) {
  RingEstimate half;
  add(half, kLast / 2, kFirst / 2, 50);
  EXPECT_EQ(half.keys(), 100U);
}

TEST(RingEstimateTest, TakesARangeOfOneEndForTheWholeRing) {
  RingEstimate whole;
  add(whole, 7, 7, 42);
  EXPECT_EQ(whole.keys(), 42U);
}

/// As servers write the ranges of their tables.
void add(RingEstimate& estimate, const Ring& ring, std::string_view after, std::string_view last,
         std::int64_t keys) {
  estimate.add(ring, {.after = ring.read(after).value(), .last = ring.read(last).value()}, keys);
}

TEST(RingEstimateTest, OfTheRandomPartitionersRing) {
  constexpr std::string_view kQuarter = "42535295865117307932921825928971026432";
  RingEstimate whole;
  add(whole, random_ring(), "-1", kQuarter, 100);
  add(whole, random_ring(), kQuarter, "-1", 300);
  EXPECT_EQ(whole.keys(), 400U);
  RingEstimate quarter;
  add(quarter, random_ring(), "-1", kQuarter, 100);
  EXPECT_EQ(quarter.keys(), 400U);
  RingEstimate rest;
  add(rest, random_ring(), kQuarter, "-1", 300);
  EXPECT_EQ(rest.keys(), 400U);
}

TEST(RingEstimateTest, WhereKeysAreNotSpreadEvenlyOnlyAWholeRingTellsTheirNumber) {
  RingEstimate estimate;
  EXPECT_EQ(estimate.keys(), 0U);
  add(estimate, byte_order_ring(), "", "7573657230", 10);
  EXPECT_EQ(estimate.keys(), std::nullopt);
  add(estimate, byte_order_ring(), "7573657231", "", 30);
  EXPECT_EQ(estimate.keys(), std::nullopt) << "however narrow the range is that is missing";
  add(estimate, byte_order_ring(), "7573657230", "7573657231", 20);
  EXPECT_EQ(estimate.keys(), 60U);
}

TEST(RingEstimateTest, OneNodeMayHaveTheWholeRing) {
  RingEstimate estimate;
  add(estimate, byte_order_ring(), "6b", "6b", 7);
  EXPECT_EQ(estimate.keys(), 7U);
}

}  // namespace
}  // namespace bytestore::cassandra
