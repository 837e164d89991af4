/// What is counted of the verbs of a store, on the fake driver.

#include <gmock/gmock.h>

#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class StatsTest : public VerbRig {
 protected:
  [[nodiscard]] VerbStats mgets() const { return table_->counters(Verb::mget).stats(); }
  [[nodiscard]] VerbStats mdeletes() const { return table_->counters(Verb::mdelete).stats(); }
};

TEST_F(StatsTest, ACallIsCountedWhenItHasEnded) {
  keys = {"a", "bb", "a"};
  mget();
  EXPECT_EQ(mgets().calls, 0U);
  EXPECT_EQ(mgets().requests, 2U);
  EXPECT_EQ(mgets().bytes_sent, 3U);
  timers_.advance(milliseconds{3});
  driver().take().answer(row("12345"));
  driver().take().answer();
  const auto stats = mgets();
  EXPECT_EQ(stats.calls, 1U);
  EXPECT_EQ(stats.keys, 3U);
  EXPECT_EQ(stats.bytes_received, 5U);
  EXPECT_EQ(stats.retries, 0U);
  EXPECT_THAT(stats.failures, IsEmpty());
  EXPECT_EQ(stats.call_latency.count, 1U);
  EXPECT_EQ(stats.call_latency.max, milliseconds{3});
  EXPECT_EQ(stats.request_latency.count, 2U);
  EXPECT_EQ(table_->counters(Verb::mset).stats().calls, 0U);
}

TEST_F(StatsTest, RetriesAndFailuresAreCounted) {
  keys = {"a", "b"};
  mdelete();
  driver().take().fail(failure(DriverErrorCode::overloaded));
  driver().take().fail(failure(DriverErrorCode::unauthorized));
  timers_.advance(seconds{1});
  driver().take().answer();
  const auto stats = mdeletes();
  EXPECT_EQ(stats.requests, 3U);
  EXPECT_EQ(stats.retries, 1U);
  EXPECT_EQ(stats.speculative, 0U);
  EXPECT_THAT(stats.failures, ElementsAre(Pair(ErrorCode::unauthorized, 1)));
  EXPECT_EQ(stats.request_latency.count, 1U) << "of the attempt that succeeded";
  EXPECT_EQ(session_->log().count(Event::retry), 1U);
}

TEST_F(StatsTest, RetriesOfPreparingAreThoseOfTheVerb) {
  driver().prepares_by_itself = false;
  keys = {"a"};
  mget();
  driver().take().fail(failure(DriverErrorCode::overloaded));
  timers_.advance(seconds{1});
  driver().take().answer_prepared();
  driver().take().answer();
  EXPECT_EQ(mgets().retries, 1U);
  EXPECT_EQ(mgets().requests, 1U);
  EXPECT_EQ(mdeletes().retries, 0U);
}

TEST_F(StatsTest, SpeculativeRequestsAreNoRetries) {
  connect({}, fixed(kWindow),
          {.speculative_delay = milliseconds{10}, .groups = {.by_replicas = false}});
  driver().ring.fallback = {NodeId{.high = 1}, NodeId{.high = 2}};
  keys = {"a"};
  mget();
  const auto slow = driver().take();
  timers_.advance(milliseconds{10});
  driver().take().answer(row("1"));
  slow.answer(row("1"));
  EXPECT_EQ(mgets().requests, 2U);
  EXPECT_EQ(mgets().speculative, 1U);
  EXPECT_EQ(mgets().retries, 0U);
  EXPECT_EQ(mgets().bytes_received, 1U);
}

TEST_F(StatsTest, WarningsOfServersAreCountedAndTold) {
  keys = {"a"};
  mget();
  driver().take().answer(make_rows({{"1"}}, "", {"too many tombstones"}));
  EXPECT_EQ(session_->log().count(Event::server_warning), 1U);
}

TEST_F(StatsTest, TheWindowTellsItsLoad) {
  mget();
  EXPECT_EQ(session_->window().load().in_flight, 3U);
  EXPECT_EQ(session_->window().load().limit, kWindow);
  while (driver().waiting() > 0) driver().take().answer();
  EXPECT_EQ(session_->window().load().in_flight, 0U);
}

}  // namespace
}  // namespace bytestore::cassandra
