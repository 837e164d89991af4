#include "cassandra/policy/retry.hpp"

#include <gtest/gtest.h>

#include "cassandra/session/timestamps.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RetryTest : public ::testing::Test {
 protected:
  const RetryRule rule;
  const Attempts::Clock::time_point start{seconds{1'000}};
  const Attempts::Clock::time_point never = Attempts::Clock::time_point::min();
  Attempts attempts{start};
};

TEST_F(RetryTest, DelaysDoubleUpToALimit) {
  for (const int expected : {20, 40, 80, 160, 320, 640, 1'280, 2'000, 2'000}) {
    EXPECT_EQ(attempts.fail(start, never, 0, rule), start + milliseconds{expected});
  }
  EXPECT_EQ(attempts.failed(), 9);
}

TEST_F(RetryTest, JitterTakesUpToHalfOff) {
  EXPECT_EQ(attempts.fail(start, never, 1, rule), start + milliseconds{10});
  EXPECT_EQ(attempts.fail(start, never, 0.5, rule), start + milliseconds{30});
  for (int i = 0; i < 100; ++i) {
    const double jitter = random_jitter();
    EXPECT_GE(jitter, 0);
    EXPECT_LE(jitter, 1);
  }
}

TEST_F(RetryTest, GivesUpWhereTheNextAttemptWouldBeTooLate) {
  EXPECT_TRUE(attempts.fail(start + milliseconds{29'900}, never, 0, rule));
  EXPECT_FALSE(attempts.fail(start + milliseconds{29'960}, never, 0, rule));
  EXPECT_FALSE(Attempts(start).fail(start + seconds{40}, never, 0, rule));
}

TEST_F(RetryTest, AnAttemptEndsWithTheGivingUp) {
  EXPECT_EQ(attempts.timeout(start, never, seconds{10}, rule), seconds{10});
  EXPECT_EQ(attempts.timeout(start + seconds{25}, never, seconds{10}, rule), seconds{5});
  EXPECT_EQ(attempts.timeout(start + seconds{31}, never, seconds{10}, rule), milliseconds{1});
}

TEST_F(RetryTest, WhatWaitsDoesNotAgeWhileAnswersCome) {
  const auto alive = start + seconds{100};
  EXPECT_EQ(attempts.limit(alive, rule), alive + rule.give_up_after);
  EXPECT_EQ(attempts.timeout(alive + seconds{1}, alive, seconds{10}, rule), seconds{10});
  EXPECT_EQ(attempts.timeout(alive + seconds{25}, alive, seconds{10}, rule), seconds{5});
}

TEST_F(RetryTest, WhatFailsIsGivenUpAlthoughAnswersCome) {
  const auto first = start + seconds{100};
  EXPECT_TRUE(attempts.fail(first, first, 0, rule));
  const auto later = first + milliseconds{29'900};
  EXPECT_EQ(attempts.limit(later, rule), first + rule.give_up_after);
  EXPECT_TRUE(attempts.fail(later, later, 0, rule));
  EXPECT_FALSE(attempts.fail(later + milliseconds{100}, later, 0, rule));
}

TEST_F(RetryTest, SilenceEndsItBeforeItsOwnFailuresDo) {
  EXPECT_TRUE(attempts.fail(start + seconds{10}, start, 0, rule));
  EXPECT_EQ(attempts.limit(start, rule), start + rule.give_up_after);
}

TEST_F(RetryTest, ARestartForgetsTheFirstFailure) {
  EXPECT_TRUE(attempts.fail(start, start, 0, rule));
  attempts.restart(start + seconds{20});
  EXPECT_EQ(attempts.limit(never, rule), start + seconds{50});
}

TEST(Timestamps, AreLaterThanTheOneBefore) {
  std::int64_t last = 0;
  EXPECT_EQ(timestamp_after(last, 1'000), 1'000);
  EXPECT_EQ(timestamp_after(last, 1'000), 1'001);
  EXPECT_EQ(timestamp_after(last, 500), 1'002) << "the clock was put back";
  EXPECT_EQ(timestamp_after(last, 2'000), 2'000);
}

TEST(Timestamps, AreMicrosecondsSinceTheEpoch) {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  const auto first = next_timestamp();
  EXPECT_GE(first, now);
  EXPECT_LT(first, now + 60'000'000);
  EXPECT_GT(next_timestamp(), first);
}

}  // namespace
}  // namespace bytestore::cassandra
