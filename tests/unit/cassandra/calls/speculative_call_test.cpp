/// Requests that are slow, and sent to another replica too, on the fake driver.

#include <gmock/gmock.h>

#include "unit/support/nodes.hpp"
#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr milliseconds kDelay{50};

class SpeculativeCallTest : public VerbRig {
 protected:
  void SetUp() override { connect_speculative({.speculative_delay = kDelay}); }

  void connect_speculative(const TableSettings& settings) {
    TableSettings single = settings;
    single.groups.by_replicas = false;
    connect({}, fixed(kWindow), single);
    driver().ring.fallback = {kOne, kTwo};
    keys = {"a"};
  }

  /// A request and, as it is slow, the same again.
  std::pair<FakeRequest, FakeRequest> take_both() {
    auto first = driver().take();
    timers_.advance(kDelay);
    return {std::move(first), driver().take()};
  }
};

TEST_F(SpeculativeCallTest, ASlowRequestGoesToAnotherReplicaToo) {
  mget();
  const auto first = driver().take();
  timers_.advance(kDelay - milliseconds{1});
  EXPECT_EQ(driver().waiting(), 0U);
  timers_.advance(milliseconds{1});
  const auto second = driver().take();
  EXPECT_EQ(key_of(second), "a");
  EXPECT_NE(second.replicas.front(), first.replicas.front());
  timers_.advance(seconds{1});
  EXPECT_EQ(driver().waiting(), 0U) << "two of one are enough";
  second.answer(row("quick"));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("quick")));
  first.answer(row("late"));
  for (int looks = 0; looks < 2; ++looks) timers_.advance(NodeWatch::kInterval);
  EXPECT_EQ(timers_.pending(), 0U);
}

TEST_F(SpeculativeCallTest, TheFirstOneMayStillBeTheFaster) {
  mget();
  const auto [first, second] = take_both();
  first.answer(row("1"));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("1")));
  second.fail(failure(DriverErrorCode::read_timeout));
}

TEST_F(SpeculativeCallTest, AnAnsweredRequestIsNotSentAgain) {
  mget();
  driver().take().answer(row("1"));
  timers_.advance(seconds{1});
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(SpeculativeCallTest, WhenOneOfTheTwoFailsTheOtherCounts) {
  mget();
  const auto [first, second] = take_both();
  first.fail(failure(DriverErrorCode::unavailable));
  EXPECT_FALSE(read.is_done());
  second.answer(row("2"));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("2")));
}

TEST_F(SpeculativeCallTest, WhenBothFailTheKeyIsTriedAgain) {
  mget();
  const auto [first, second] = take_both();
  second.fail(failure(DriverErrorCode::unavailable));
  first.fail(failure(DriverErrorCode::unavailable));
  EXPECT_FALSE(read.is_done());
  timers_.advance(kDelay);
  driver().take().answer(row("3"));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("3")));
}

TEST_F(SpeculativeCallTest, AWriteThatOneOfTheTwoMayHaveAppliedIsUnknown) {
  mdelete();
  const auto [first, second] = take_both();
  first.fail(failure(DriverErrorCode::write_timeout));
  second.fail(failure(DriverErrorCode::unauthorized));
  ASSERT_THAT(written.result().failures, SizeIs(1));
  EXPECT_EQ(failure_at(0).code, ErrorCode::unauthorized);
  EXPECT_EQ(failure_at(0).outcome, Outcome::unknown);
}

TEST_F(SpeculativeCallTest, BothWritesHaveTheTimestampOfTheCall) {
  mset({{"a", as_bytes("1")}});
  const auto [first, second] = take_both();
  EXPECT_EQ(first.options.timestamp, second.options.timestamp);
  second.answer();
  EXPECT_THAT(written.result().failures, IsEmpty());
  first.answer();
}

TEST_F(SpeculativeCallTest, AStoppedCallNamesItsKeysOnce) {
  std::stop_source stop;
  mdelete({.stop = stop.get_token()});
  const auto [first, second] = take_both();
  stop.request_stop();
  ASSERT_THAT(written.result().failures, SizeIs(1));
  EXPECT_EQ(failure_at(0).outcome, Outcome::unknown);
  first.answer();
  second.answer();
}

TEST_F(SpeculativeCallTest, ASpeculativeRequestThatHasNoRoomIsForgottenWithItsRequest) {
  connect({}, fixed(1), {.speculative_delay = kDelay, .groups = {.by_replicas = false}});
  driver().ring.fallback = {kOne, kTwo};
  mget();
  const auto first = driver().take();
  timers_.advance(kDelay);
  EXPECT_EQ(driver().waiting(), 0U);
  first.answer(row("1"));
  EXPECT_TRUE(read.is_done());
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(SpeculativeCallTest, KeysOfAGroupAreSentToTheOtherReplicaTogether) {
  connect({}, fixed(kWindow), {.speculative_delay = kDelay});
  driver().ring.fallback = {kOne, kTwo};
  keys = {"a", "b"};
  mget();
  const auto [first, second] = take_both();
  EXPECT_EQ(first.values, second.values);
  second.answer(make_rows({{"a", "1"}, {"b", "2"}}));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("1"), Bytes::copy("2")));
  first.answer(make_rows({{"a", "late"}}));
}

TEST_F(SpeculativeCallTest, WithOneReplicaThereIsNobodyElseToAsk) {
  driver().ring.fallback = {kOne};
  mget();
  const auto first = driver().take();
  timers_.advance(seconds{1});
  EXPECT_EQ(driver().waiting(), 0U);
  first.answer(row("1"));
  EXPECT_TRUE(read.is_done());
}

TEST_F(SpeculativeCallTest, WritesWithTheServersTimeAreNotSentSpeculatively) {
  connect_speculative({.client_timestamps = false, .speculative_delay = kDelay});
  mdelete();
  const auto first = driver().take();
  EXPECT_FALSE(first.options.timestamp);
  timers_.advance(seconds{1});
  EXPECT_EQ(driver().waiting(), 0U);
  first.answer();
  EXPECT_TRUE(written.is_done());
}

class ServerTimestampsTest : public VerbRig {
 protected:
  void SetUp() override {
    connect({}, fixed(kWindow), {.client_timestamps = false, .groups = {.by_replicas = false}});
    keys = {"a"};
  }
};

TEST_F(ServerTimestampsTest, AWriteThatMayHaveBeenAppliedIsNotRepeated) {
  mdelete();
  driver().take().fail(failure(DriverErrorCode::write_timeout));
  ASSERT_THAT(written.result().failures, SizeIs(1));
  EXPECT_EQ(failure_at(0).outcome, Outcome::unknown);
}

TEST_F(ServerTimestampsTest, OneThatWasCertainlyNotIs) {
  mdelete();
  driver().take().fail(failure(DriverErrorCode::unavailable));
  timers_.advance(seconds{1});
  driver().take().answer();
  EXPECT_THAT(written.result().failures, IsEmpty());
}

TEST_F(ServerTimestampsTest, ReadsAreRepeated) {
  mget();
  driver().take().fail(failure(DriverErrorCode::read_timeout));
  timers_.advance(seconds{1});
  driver().take().answer(row("1"));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("1")));
}

}  // namespace
}  // namespace bytestore::cassandra
