#include "cassandra/flow/concurrency_limit.hpp"

#include <gtest/gtest.h>

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;

constexpr WindowBounds kBounds{.start = 32, .least = 8, .most = 256};

class ConcurrencyLimitTest : public ::testing::Test {
 protected:
  void answer(int times, milliseconds latency, bool full = true, std::size_t kind = 0) {
    for (int i = 0; i < times; ++i) limit_.answered(kind, latency, full);
  }

  ConcurrencyLimit limit_{kBounds};
};

TEST_F(ConcurrencyLimitTest, GrowsQuicklyUntilItMeetsALimit) {
  EXPECT_EQ(limit_.requests(), 32U);
  answer(32, milliseconds{1});
  EXPECT_EQ(limit_.requests(), 64U);
  answer(1'000, milliseconds{1});
  EXPECT_EQ(limit_.requests(), kBounds.most);
}

TEST_F(ConcurrencyLimitTest, DoesNotGrowWhileItHoldsNobodyUp) {
  answer(1'000, milliseconds{1}, false);
  EXPECT_EQ(limit_.requests(), 32U);
}

TEST_F(ConcurrencyLimitTest, DoesNotGrowWhileAnswersAreSlow) {
  answer(100, milliseconds{1}, false);
  answer(20, milliseconds{10}, false);
  answer(100, milliseconds{10});
  EXPECT_EQ(limit_.requests(), 32U);
}

TEST_F(ConcurrencyLimitTest, ComparesOnlyRequestsOfOneKind) {
  answer(100, milliseconds{1}, false, 0);
  answer(32, milliseconds{10}, true, 1);
  EXPECT_EQ(limit_.requests(), 64U);
}

TEST_F(ConcurrencyLimitTest, GrowsByOneAWindowOnceItHasMetALimit) {
  limit_.congested(31);
  EXPECT_EQ(limit_.requests(), 16U);
  answer(17, milliseconds{1});
  EXPECT_EQ(limit_.requests(), 17U);
}

TEST_F(ConcurrencyLimitTest, GrowsPastWhereItWasHalvedOnceAllIsWellAgain) {
  auto met = limit_.requests();
  for (int times = 0; times < 3; ++times) {
    limit_.congested(met - 1);
    ASSERT_EQ(limit_.requests(), met / 2);
    answer(static_cast<int>(met * met), milliseconds{1});  // one more for each window of answers
    EXPECT_GT(limit_.requests(), met);
    met = limit_.requests();
  }
}

TEST_F(ConcurrencyLimitTest, GrowsAgainOnceAnswersAreQuickAgain) {
  answer(100, milliseconds{1}, false);
  answer(20, milliseconds{10});
  const auto slow = limit_.requests();
  answer(10, milliseconds{10});
  ASSERT_EQ(limit_.requests(), slow);
  answer(200, milliseconds{1});
  EXPECT_GT(limit_.requests(), slow);
}

TEST_F(ConcurrencyLimitTest, TakesSlowerAnswersForUsualInTime) {
  answer(100, milliseconds{1}, false);
  answer(5'000, milliseconds{5}, false);
  answer(32, milliseconds{5});
  EXPECT_GT(limit_.requests(), 32U);
}

TEST_F(ConcurrencyLimitTest, AStormOfTimeoutsHalvesItOnce) {
  for (std::size_t others = 32; others-- > 0;) limit_.congested(others);
  EXPECT_EQ(limit_.requests(), 16U) << "32 requests were sent before the halving";
  limit_.congested(15);
  EXPECT_EQ(limit_.requests(), 8U);
}

TEST_F(ConcurrencyLimitTest, EveryEndCountsAmongTheRequestsFromBeforeAHalving) {
  limit_.congested(31);
  answer(20, milliseconds{1}, false);
  for (int i = 0; i < 11; ++i) limit_.ended();
  limit_.congested(15);
  EXPECT_EQ(limit_.requests(), 8U);
}

TEST_F(ConcurrencyLimitTest, HalvesWhatWasInFlightRatherThanWhatMightHaveBeen) {
  answer(1'000, milliseconds{1});
  ASSERT_EQ(limit_.requests(), kBounds.most);
  limit_.congested(39);  // few and large: the bytes held the others up
  EXPECT_EQ(limit_.requests(), 20U);
}

TEST_F(ConcurrencyLimitTest, KeepsItsBounds) {
  for (int i = 0; i < 10'000; ++i) limit_.congested(100);
  EXPECT_EQ(limit_.requests(), kBounds.least);
  answer(100'000, milliseconds{1});
  EXPECT_EQ(limit_.requests(), kBounds.most);
}

}  // namespace
}  // namespace bytestore::cassandra
