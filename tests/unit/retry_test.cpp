#include "cassandra/retry.hpp"

#include <gtest/gtest.h>

#include "cassandra/timestamps.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RetryTest : public ::testing::Test {
 protected:
  const RetryRule rule;
  const Attempts::Clock::time_point start{seconds{1'000}};
  Attempts attempts{start};
};

TEST_F(RetryTest, DelaysDoubleUpToALimit) {
  for (const int expected : {20, 40, 80, 160, 320, 640, 1'280, 2'000, 2'000}) {
    EXPECT_EQ(attempts.fail(start, 0, rule), start + milliseconds{expected});
  }
  EXPECT_EQ(attempts.failed(), 9);
}

TEST_F(RetryTest, JitterTakesUpToHalfOff) {
  EXPECT_EQ(attempts.fail(start, 1, rule), start + milliseconds{10});
  EXPECT_EQ(attempts.fail(start, 0.5, rule), start + milliseconds{30});
  for (int i = 0; i < 100; ++i) {
    const double jitter = random_jitter();
    EXPECT_GE(jitter, 0);
    EXPECT_LE(jitter, 1);
  }
}

TEST_F(RetryTest, GivesUpWhereTheNextAttemptWouldBeTooLate) {
  EXPECT_TRUE(attempts.fail(start + milliseconds{29'900}, 0, rule));
  EXPECT_FALSE(attempts.fail(start + milliseconds{29'960}, 0, rule));
  EXPECT_FALSE(Attempts(start).fail(start + seconds{40}, 0, rule));
}

TEST_F(RetryTest, AnAttemptEndsWithTheGivingUp) {
  EXPECT_EQ(attempts.timeout(start, seconds{10}, rule), seconds{10});
  EXPECT_EQ(attempts.timeout(start + seconds{25}, seconds{10}, rule), seconds{5});
  EXPECT_EQ(attempts.timeout(start + seconds{31}, seconds{10}, rule), milliseconds{1});
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
