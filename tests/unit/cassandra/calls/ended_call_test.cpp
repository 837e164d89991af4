#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <stop_token>
#include <thread>

#include "cassandra/calls/batch_call.hpp"
#include "support/errors.hpp"
#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::SizeIs;

/// Calls that are stopped, out of time, or whose store or session ends.
class EndedCallTest : public VerbRig {};

TEST_F(EndedCallTest, AStoppedReadEndsAtOnce) {
  make_keys(1'000);
  std::stop_source stop;
  mget({.stop = stop.get_token()});
  driver().take().answer(row("1"));
  stop.request_stop();
  ASSERT_TRUE(read.is_done());
  ASSERT_THAT(read.result().failures, SizeIs(999));
  EXPECT_EQ(read.result().values[0], Bytes::copy("1"));
  for (const KeyFailure& key : read.result().failures) {
    EXPECT_EQ(key.code, ErrorCode::cancelled);
    EXPECT_EQ(key.outcome, Outcome::failed);
  }
  EXPECT_TRUE(std::ranges::is_sorted(read.result().failures, {}, &KeyFailure::index));
  const auto at_driver = driver().waiting();
  EXPECT_EQ(at_driver, kWindow);
  while (driver().waiting() > 0) driver().take().answer(row("late"));
}

TEST_F(EndedCallTest, AStoppedWriteIsUnknownWhereItWasSent) {
  connect({}, fixed(2));
  std::stop_source stop;
  mdelete({.stop = stop.get_token()});
  const auto sent = driver().take();
  stop.request_stop();
  ASSERT_THAT(written.result().failures, SizeIs(3));
  EXPECT_EQ(failure_at(0).outcome, Outcome::unknown);
  EXPECT_EQ(failure_at(1).outcome, Outcome::unknown);
  EXPECT_EQ(failure_at(2).outcome, Outcome::failed);
  sent.answer();
  driver().take().fail(failure(DriverErrorCode::write_timeout));
  EXPECT_EQ(driver().waiting(), 0U);
  timers_.advance(seconds{30});
  EXPECT_EQ(timers_.pending(), 0U);
}

TEST_F(EndedCallTest, RequestsOfAStoppedCallStayInTheWindow) {
  connect({}, fixed(2));
  std::stop_source stop;
  mdelete({.stop = stop.get_token()});
  stop.request_stop();
  mget();
  EXPECT_EQ(driver().waiting(), 2U);
  driver().take().answer();
  EXPECT_EQ(driver().waiting(), 2U);
  while (driver().waiting() > 0) driver().take().answer();
  EXPECT_TRUE(read.is_done());
}

TEST_F(EndedCallTest, AWriteThatWaitsForAnotherAttemptIsKnownToHaveFailed) {
  keys = {"a", "b"};
  std::stop_source stop;
  mdelete({.stop = stop.get_token()});
  driver().take().fail(failure(DriverErrorCode::unavailable));
  driver().take().fail(failure(DriverErrorCode::write_timeout));
  stop.request_stop();
  EXPECT_EQ(failure_at(0).outcome, Outcome::failed);
  EXPECT_EQ(failure_at(1).outcome, Outcome::unknown);
}

TEST_F(EndedCallTest, AStoppedCallDoesNotEvenBegin) {
  std::stop_source stop;
  stop.request_stop();
  mget({.stop = stop.get_token()});
  EXPECT_THAT(read.result().failures, SizeIs(3));
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(EndedCallTest, TheClosingOfTheStoreStopsIt) {
  mget();
  closing_.request_stop();
  EXPECT_EQ(read.result().failures.at(0).code, ErrorCode::cancelled);
  while (driver().waiting() > 0) driver().take().answer();
  table_->close();
}

TEST_F(EndedCallTest, TheDeadlineEndsIt) {
  keys = {"a"};
  // The deadline is one of the real clock; the manual one is an hour after its epoch.
  timers_.advance(core::Call::Clock::now() - timers_.now());
  start_mdelete(table_, keys, core::Call({.deadline = milliseconds{1'000}}, {}), written);
  EXPECT_FALSE(written.is_done());
  timers_.advance(seconds{2});
  ASSERT_TRUE(written.is_done());
  EXPECT_EQ(failure_at(0).code, ErrorCode::timeout);
  EXPECT_EQ(failure_at(0).outcome, Outcome::unknown);
  driver().take().answer();
}

TEST_F(EndedCallTest, StoppingRacesWithAnswers) {
  make_keys(300);
  for (int round = 0; round < 50; ++round) {
    KeepingSink<core::WriteResult> result;
    std::stop_source stop;
    start_mdelete(table_, keys, call({.stop = stop.get_token()}), result);
    std::jthread answering([&] {
      while (driver().waiting() > 0) driver().take().answer();
    });
    std::jthread stopping([&] { stop.request_stop(); });
    answering.join();
    stopping.join();
    while (driver().waiting() > 0) driver().take().answer();
    ASSERT_TRUE(result.is_done());
  }
}

TEST_F(EndedCallTest, AClosedStoreWaitsForRequestsAtTheDriver) {
  mget();
  closing_.request_stop();
  std::atomic<bool> closed{false};
  std::jthread closing([&] {
    table_->close();
    closed = true;
  });
  driver().take().answer();
  driver().take().answer();
  std::this_thread::sleep_for(milliseconds{20});
  EXPECT_FALSE(closed);
  driver().take().answer();
  closing.join();
  EXPECT_TRUE(closed);
}

TEST_F(EndedCallTest, TheSessionMayEndInAnAnswer) {
  keys = {"a"};
  mget();
  const auto last = driver().take();
  std::jthread closing([&] { table_->close(); });
  session_.reset();
  last.answer();
  EXPECT_TRUE(read.is_done());
}

TEST_F(EndedCallTest, AnEndingSessionEndsItsRequests) {
  keys = {"a"};
  mdelete();
  driver().take().fail(failure(DriverErrorCode::session_ended));
  EXPECT_EQ(failure_at(0).code, ErrorCode::cancelled);
  EXPECT_EQ(failure_at(0).outcome, Outcome::unknown);
}

}  // namespace
}  // namespace bytestore::cassandra
