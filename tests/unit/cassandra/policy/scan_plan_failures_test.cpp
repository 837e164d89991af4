/// What a plan decides about parts whose attempts fail.

#include <gtest/gtest.h>

#include <chrono>

#include "cassandra/policy/scan_plan.hpp"
#include "unit/support/rings.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr ScanPlan::Clock::time_point kNow{std::chrono::hours{1}};

/// A part whose attempts fail.
class FailedPartTest : public ::testing::Test {
 protected:
  static ScanPlan::Part* begin(ScanPlan& plan) { return plan.begin(kNow, kNow); }

  RetryDecision failed(DriverErrorCode code, double jitter = 0) {
    return plan_.failed(*part_, {.code = code}, {.now = now_, .alive = alive_, .jitter = jitter});
  }

  /// Has the part begun again at its time.
  void begin_again() {
    now_ = plan_.next_time();
    plan_.wake(now_);
    ASSERT_EQ(plan_.begin(now_, now_), part_);
  }

  static constexpr RetryRule kRule{};
  ScanPlan::Clock::time_point now_ = kNow;
  ScanPlan::Clock::time_point alive_ = ScanPlan::Clock::time_point::min();
  ScanPlan plan_{murmur3_ring(), "", "", kRule};
  ScanPlan::Part* part_ = begin(plan_);
  const TokenRange range_ = part_->range;
};

TEST_F(FailedPartTest, WaitsForItsTimeAndNoOtherIsBegunInItsPlace) {
  std::size_t others = 0;
  while (begin(plan_) != nullptr) ++others;
  EXPECT_EQ(others, 3U);
  EXPECT_EQ(failed(DriverErrorCode::overloaded).retry_at, kNow + milliseconds{20});
  EXPECT_EQ(plan_.next_time(), kNow + milliseconds{20});
  plan_.wake(kNow + milliseconds{19});
  EXPECT_EQ(begin(plan_), nullptr);
  begin_again();
  EXPECT_EQ(plan_.next_time(), ScanPlan::Clock::time_point::max());
  EXPECT_EQ(part_->range, range_) << "load is no reason to read less at a time";
  EXPECT_EQ(failed(DriverErrorCode::overloaded, 1).retry_at, now_ + milliseconds{20})
      << "jitter takes half off";
}

TEST_F(FailedPartTest, WhatIsTooMuchIsReadInHalves) {
  for (const auto code : {DriverErrorCode::read_failure, DriverErrorCode::read_timeout}) {
    ScanPlan plan(murmur3_ring(), "", "", kRule);
    ScanPlan::Part& part = *begin(plan);
    const TokenRange whole = part.range;
    plan.wake(plan.failed(part, {.code = code}, {.now = kNow, .alive = kNow, .jitter = 0})
                  .retry_at.value());
    ScanPlan::Part* const first = begin(plan);
    ScanPlan::Part* const second = begin(plan);
    EXPECT_EQ(first, &part);
    EXPECT_EQ(first->range.after, whole.after);
    EXPECT_EQ(first->range.last, second->range.after);
    EXPECT_EQ(second->range.last, whole.last);
  }
}

TEST_F(FailedPartTest, ASilentNodeIsNoReasonForHalvesButASecondOneIs) {
  EXPECT_TRUE(failed(DriverErrorCode::attempt_timeout).retry_at);
  EXPECT_EQ(part_->range, range_);
  begin_again();
  EXPECT_TRUE(failed(DriverErrorCode::attempt_timeout).retry_at);
  EXPECT_LT(part_->range.last, range_.last);
}

TEST_F(FailedPartTest, OtherFailuresAreNoReasonForHalves) {
  for (const auto code : {DriverErrorCode::overloaded, DriverErrorCode::unavailable,
                          DriverErrorCode::connection_broken, DriverErrorCode::no_connection}) {
    EXPECT_TRUE(failed(code).retry_at);
    EXPECT_EQ(part_->range, range_);
    begin_again();
  }
}

TEST_F(FailedPartTest, IsGivenUpWhenItsTimeIsOverAndThenHasANewTime) {
  EXPECT_TRUE(failed(DriverErrorCode::overloaded).retry_at);
  begin_again();
  now_ = kNow + kRule.give_up_after;
  alive_ = now_;
  const auto decision = failed(DriverErrorCode::overloaded);
  EXPECT_FALSE(decision.retry_at);
  EXPECT_TRUE(decision.may_help);
  EXPECT_EQ(plan_.next_time(), ScanPlan::Clock::time_point::max());
  EXPECT_EQ(plan_.begin(now_, now_), part_) << "for the next one who waits";
  EXPECT_EQ(part_->attempts.failed(), 0);
  EXPECT_EQ(failed(DriverErrorCode::overloaded).retry_at, now_ + milliseconds{20});
}

TEST_F(FailedPartTest, IsGivenUpAtOnceWhereARetryCannotHelp) {
  EXPECT_FALSE(failed(DriverErrorCode::unauthorized).retry_at);
  EXPECT_EQ(part_->range, range_);
  EXPECT_EQ(begin(plan_), part_);
}

TEST_F(FailedPartTest, AHalfHasItsTimeFromWhenItIsRead) {
  now_ = kNow + seconds{29};
  EXPECT_TRUE(failed(DriverErrorCode::read_failure).retry_at);
  begin_again();
  EXPECT_EQ(part_->attempts.limit(alive_, kRule), now_ + kRule.give_up_after);
  EXPECT_EQ(part_->attempts.failed(), 1) << "the failure before counts for the delay";
  const auto later = now_ + seconds{10};
  ScanPlan::Part* const other = plan_.begin(later, kNow);
  ASSERT_EQ(other->range.after, part_->range.last);
  EXPECT_EQ(other->attempts.limit(alive_, kRule), later + kRule.give_up_after);
}

TEST_F(FailedPartTest, TheClockRunsFromWhenSomebodyBeganToWait) {
  ScanPlan plan(murmur3_ring(), "", "", kRule);
  const ScanPlan::Part& part = *plan.begin(kNow, kNow - seconds{10});
  EXPECT_EQ(part.attempts.limit(alive_, kRule), kNow + seconds{20});
}

TEST_F(FailedPartTest, APageThatWasReadEndsItsAttempts) {
  EXPECT_TRUE(failed(DriverErrorCode::overloaded).retry_at);
  begin_again();
  part_->node = NodeId{.high = 1};
  plan_.answered(*part_, {}, "more");
  ASSERT_EQ(begin(plan_), part_);
  EXPECT_EQ(part_->attempts.failed(), 0);
  EXPECT_FALSE(part_->node);
}

}  // namespace
}  // namespace bytestore::cassandra
