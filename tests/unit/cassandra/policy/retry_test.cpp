#include "cassandra/policy/retry.hpp"

#include <gtest/gtest.h>

#include "cassandra/flow/timestamps.hpp"

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

TEST(RetryRuleTest, ATableThatNoNodeKnowsIsSoonGivenUp) {
  const RetryRule rule{.give_up_after = seconds{30}};
  EXPECT_EQ(retry_rule({.code = DriverErrorCode::unavailable}, rule).give_up_after,
            rule.give_up_after);
  EXPECT_EQ(retry_rule({.code = DriverErrorCode::unknown_table}, rule).give_up_after, seconds{2});
  const RetryRule shorter{.give_up_after = seconds{1}};
  EXPECT_EQ(retry_rule({.code = DriverErrorCode::unknown_table}, shorter).give_up_after,
            shorter.give_up_after);
}

/// One row: what was attempted, how it failed, and whether another attempt follows.
struct Decided {
  RetryTraits request;
  DriverErrorCode error;
  bool was_sent;
  bool may_help;
};

constexpr RetryTraits kRead{};
constexpr RetryTraits kReadOfSeveral{.is_group = true};
constexpr RetryTraits kWrite{.effect = Effect::write};
constexpr RetryTraits kWriteOfSeveral{.effect = Effect::write, .is_group = true};
constexpr RetryTraits kWriteOnce{.effect = Effect::write, .may_repeat = false};
constexpr RetryTraits kWriteOfSeveralOnce{
    .effect = Effect::write, .is_group = true, .may_repeat = false};

TEST_F(RetryTest, WhetherAnotherAttemptFollows) {
  using enum DriverErrorCode;
  const Decided rows[] = {
      {kRead, read_timeout, true, true},
      {kRead, unauthorized, true, false},
      {kRead, invalid, true, false},
      {kReadOfSeveral, invalid, true, true},
      {kReadOfSeveral, too_large, true, true},
      {kReadOfSeveral, protocol, true, true},
      {kReadOfSeveral, unauthorized, true, false},
      {kWrite, write_timeout, true, true},
      {kWrite, too_large, true, false},
      {kWriteOfSeveral, too_large, true, true},
      {kWriteOnce, write_timeout, true, false},
      {kWriteOnce, attempt_timeout, true, false},
      {kWriteOnce, attempt_timeout, false, true},
      {kWriteOnce, unavailable, true, true},
      {kWriteOfSeveralOnce, unavailable, true, false},
      {kWriteOfSeveralOnce, overloaded, true, false},
      {kWriteOfSeveralOnce, no_connection, false, true},
  };
  for (const Decided& row : rows) {
    SCOPED_TRACE(describe({.code = row.error}, "row"));
    Attempts its_attempts{start};
    const auto decision =
        decide_retry({.code = row.error, .message = {}, .maybe_sent = row.was_sent}, row.request,
                     its_attempts, {.now = start, .alive = never, .jitter = 0}, rule);
    EXPECT_EQ(decision.may_help, row.may_help);
    EXPECT_EQ(decision.retry_at.has_value(), row.may_help);
    EXPECT_EQ(its_attempts.failed(), row.may_help ? 1 : 0);
  }
}

TEST_F(RetryTest, WhatMayHaveBeenAppliedIsNotRepeatedLaterEither) {
  const DriverError unanswered{.code = DriverErrorCode::attempt_timeout, .maybe_sent = true};
  const DriverError refused{.code = DriverErrorCode::unavailable, .maybe_sent = true};
  const RetryMoment moment{.now = start, .alive = never, .jitter = 0};
  EXPECT_TRUE(decide_retry(unanswered, kWrite, attempts, moment, rule).retry_at);
  EXPECT_TRUE(attempts.may_be_applied());
  EXPECT_TRUE(decide_retry(refused, kWrite, attempts, moment, rule).retry_at);
  EXPECT_TRUE(attempts.may_be_applied()) << "the second attempt takes nothing back";
  EXPECT_FALSE(decide_retry(refused, kWriteOnce, attempts, moment, rule).may_help);
}

TEST_F(RetryTest, WhatRanOutOfTimeMightHaveSucceeded) {
  const DriverError error{.code = DriverErrorCode::read_timeout};
  const RetryMoment late{.now = start + seconds{31}, .alive = never, .jitter = 0};
  const auto decision = decide_retry(error, kRead, attempts, late, rule);
  EXPECT_FALSE(decision.retry_at);
  EXPECT_TRUE(decision.may_help);
}

TEST_F(RetryTest, JitterAndDelaysAreThoseOfTheAttempts) {
  const DriverError error{.code = DriverErrorCode::read_timeout};
  const RetryMoment moment{.now = start, .alive = never, .jitter = 1};
  EXPECT_EQ(decide_retry(error, kRead, attempts, moment, rule).retry_at, start + milliseconds{10});
  EXPECT_EQ(decide_retry(error, kRead, attempts, moment, rule).retry_at, start + milliseconds{20});
}

TEST_F(RetryTest, ATableThatASetUpMakesIsWaitedForAsLongAsAnythingElse) {
  const DriverError error{.code = DriverErrorCode::unknown_table};
  for (const bool expects_table : {true, false}) {
    Attempts its_attempts{start};
    const RetryTraits request{.expects_table = expects_table};
    const auto at = [&](milliseconds since) {
      return decide_retry(error, request, its_attempts,
                          {.now = start + since, .alive = never, .jitter = 0}, rule)
          .retry_at;
    };
    EXPECT_TRUE(at(milliseconds{0}));
    EXPECT_EQ(at(seconds{2}).has_value(), !expects_table);
    EXPECT_FALSE(at(seconds{30}));
  }
}

TEST_F(RetryTest, WhatIsLargeIsSoonGivenUpIfReplicasFail) {
  const RetryTraits large{.effect = Effect::write, .is_large = true};
  const RetryMoment moment{.now = start, .alive = never, .jitter = 0};
  const DriverError failed{.code = DriverErrorCode::write_failure, .maybe_sent = true};
  EXPECT_TRUE(decide_retry(failed, large, attempts, moment, rule).retry_at);
  EXPECT_TRUE(decide_retry(failed, large, attempts, moment, rule).retry_at);
  const DriverError late{.code = DriverErrorCode::write_timeout, .maybe_sent = true};
  EXPECT_FALSE(decide_retry(failed, large, attempts, moment, rule).may_help);
  EXPECT_TRUE(decide_retry(late, large, attempts, moment, rule).retry_at);
  const DriverError lags{.code = DriverErrorCode::write_failure,
                         .message = "1 failures: INCOMPATIBLE_SCHEMA from /127.0.0.2:7000",
                         .maybe_sent = true};
  EXPECT_TRUE(decide_retry(lags, large, attempts, moment, rule).retry_at) << "soon it knows it";
  EXPECT_TRUE(decide_retry(failed, kWrite, attempts, moment, rule).retry_at);
}

TEST_F(RetryTest, SilenceIsMeasuredFromTheBeginningOrTheLastAnswer) {
  EXPECT_EQ(silence_limit(start, never, rule), start + seconds{30});
  EXPECT_EQ(silence_limit(start, start - seconds{5}, rule), start + seconds{30});
  EXPECT_EQ(silence_limit(start, start + seconds{5}, rule), start + seconds{35});
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
