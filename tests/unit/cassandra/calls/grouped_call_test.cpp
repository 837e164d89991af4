/// Calls whose keys share requests, on the fake driver.

#include <gmock/gmock.h>

#include <map>
#include <variant>

#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Kind = FakeRequest::Kind;

class GroupedCallTest : public VerbRig {
 protected:
  void SetUp() override { connect_with_groups(); }

  /// Writes so many keys with equal values.
  void mset_keys(std::size_t count, std::size_t value_bytes) {
    make_keys(count);
    value = std::string(value_bytes, 'v');
    std::vector<EntryRef> some;
    for (const auto key : keys) some.push_back({key, as_bytes(value)});
    mset(std::move(some));
  }

  static std::vector<std::string> keys_of(const FakeRequest& request) {
    return std::get<std::vector<std::string>>(request.values.at(0));
  }

  std::string value;
};

TEST_F(GroupedCallTest, AReadAsksForKeysTogether) {
  mget();
  ASSERT_EQ(driver().waiting(), 1U);
  const auto request = driver().take();
  EXPECT_EQ(request.cql, "SELECT row_id, body_blob FROM \"app\".\"kv\" WHERE row_id IN ? LIMIT ?");
  EXPECT_THAT(keys_of(request), ElementsAre("a", "b", "c"));
  EXPECT_EQ(std::get<std::int64_t>(request.values.at(1)), 3);
  EXPECT_EQ(request.options.page_size, 3);
  request.answer(make_rows({{"c", "3"}, {"a", ""}}));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes{}, std::nullopt, Bytes::copy("3")));
  EXPECT_THAT(read.result().failures, IsEmpty());
}

TEST_F(GroupedCallTest, ANullReadsAsAbsent) {
  mget();
  driver().take().answer(make_rows({{"a", std::nullopt}, {"b", "2"}}));
  EXPECT_THAT(read.result().values, ElementsAre(std::nullopt, Bytes::copy("2"), std::nullopt));
}

TEST_F(GroupedCallTest, OneKeyIsAskedForByItself) {
  keys = {"a"};
  mget();
  const auto request = driver().take();
  EXPECT_EQ(request.cql, "SELECT body_blob FROM \"app\".\"kv\" WHERE row_id = ?");
  request.answer(make_rows({{"1"}}));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("1")));
}

TEST_F(GroupedCallTest, PagesAreFollowedToTheEnd) {
  mget();
  driver().take().answer(make_rows({{"a", "1"}}, "page 2"));
  EXPECT_FALSE(read.is_done());
  const auto second = driver().take();
  EXPECT_EQ(second.paging_state, "page 2");
  EXPECT_THAT(keys_of(second), ElementsAre("a", "b", "c"));
  second.answer(make_rows({{"c", "3"}}));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("1"), std::nullopt, Bytes::copy("3")));
}

TEST_F(GroupedCallTest, TheFirstReadOfATableIsCareful) {
  connect({}, {.start = kWindow, .least = kWindow, .most = kWindow}, {});
  make_keys(100);
  mget();
  EXPECT_EQ(driver().waiting(), 1U) << "2 keys, which may have 1 MiB each";
  const auto first = driver().take();
  EXPECT_THAT(keys_of(first), SizeIs(2));
  first.answer();
  EXPECT_EQ(driver().waiting(), 1U) << "absent keys say little: the next one has 6 keys";
  const auto second = driver().take();
  second.answer(make_rows({{keys_of(second).front(), "small"}}));
  EXPECT_EQ(driver().waiting(), 3U) << "now it is known: the 92 others need three requests";
  while (driver().waiting() > 0) driver().take().answer();
  EXPECT_TRUE(read.is_done());
}

TEST_F(GroupedCallTest, ARequestThatNeverLeftIsNotCountedOut) {
  const NodeId one{.high = 1};
  const NodeId two{.high = 2};
  std::vector<NodeId> nodes{one};
  session_->loads().choose(nodes, 0, {}, timers_.now());  // a request of somebody else
  driver().ring.fallback = {one};
  keys = {"a"};
  mget();
  driver().take().fail(failure(DriverErrorCode::overloaded));
  table_->access().requests->shut();
  timers_.advance(seconds{1});
  ASSERT_TRUE(read.is_done());
  nodes = {one, two};
  session_->loads().choose(nodes, 0, {}, timers_.now());
  EXPECT_EQ(nodes.front(), two);
}

TEST_F(GroupedCallTest, LargeValuesAreAskedForInSmallGroups) {
  table_->answer_sizes().read(500'000, 1, 1);
  make_keys(10);
  mget();
  EXPECT_EQ(driver().waiting(), 5U);
  while (driver().waiting() > 0) driver().take().answer();
}

TEST_F(GroupedCallTest, KeysWhoseReplicasAreNotKnownHaveRequestsOfTheirOwn) {
  const NodeId one{.high = 1};
  const NodeId two{.high = 2};
  driver().ring.fallback = {one};  // by a made-up ring
  for (const NodeId& id : {one, two}) {
    driver().ring.known.push_back({.id = id, .datacenter = "datacenter1"});
  }
  session_->note(Partitioner::other);
  make_keys(40);
  mget();
  ASSERT_EQ(driver().waiting(), 40U);
  std::map<std::uint64_t, int> requests;
  while (driver().waiting() > 0) {
    const auto request = driver().take();
    EXPECT_TRUE(std::holds_alternative<std::string>(request.values.at(0))) << "one key";
    ++requests[request.replicas.front().high];
    request.answer();
  }
  EXPECT_EQ(requests, (std::map<std::uint64_t, int>{{1, 20}, {2, 20}}));
}

TEST_F(GroupedCallTest, KeysAreGroupedByTheirReplicas) {
  const NodeId one{.high = 1};
  const NodeId two{.high = 2};
  driver().ring.tokens = {{0, one}, {std::numeric_limits<std::int64_t>::max(), two}};
  driver().ring.owners = {{0, {one}}, {std::numeric_limits<std::int64_t>::max(), {two}}};
  make_keys(40);
  mget();
  ASSERT_EQ(driver().waiting(), 2U);
  std::size_t asked = 0;
  while (driver().waiting() > 0) {
    const auto request = driver().take();
    for (const auto& key : keys_of(request)) {
      EXPECT_THAT(request.replicas, ElementsAre(token_of(as_bytes(key)) <= 0 ? one : two));
      ++asked;
    }
    request.answer();
  }
  EXPECT_EQ(asked, 40U);
}

TEST_F(GroupedCallTest, GroupsFollowTheCluster) {
  const NodeId one{.high = 1};
  const NodeId two{.high = 2};
  const NodeId three{.high = 3};
  constexpr auto kEnd = std::numeric_limits<std::int64_t>::max();
  make_keys(40);
  driver().ring.tokens = {{kEnd, one}};
  driver().ring.owners = {{kEnd, {one}}};
  mget();
  while (driver().waiting() > 0) {
    const auto request = driver().take();
    EXPECT_THAT(request.replicas, ElementsAre(one));
    request.answer();
  }
  // Two nodes have joined, and the first one has left.
  driver().ring.number = 2;
  driver().ring.tokens = {{0, two}, {kEnd, three}};
  driver().ring.owners = {{0, {two}}, {kEnd, {three}}};
  mdelete();
  ASSERT_EQ(driver().waiting(), 2U);
  while (driver().waiting() > 0) {
    const auto request = driver().take();
    for (const auto& key : keys_of(request)) {
      EXPECT_THAT(request.replicas, ElementsAre(token_of(as_bytes(key)) <= 0 ? two : three));
    }
    request.answer();
  }
}

TEST_F(GroupedCallTest, GroupsAreSpreadOverTheReplicas) {
  const NodeId one{.high = 1};
  const NodeId two{.high = 2};
  driver().ring.fallback = {one, two};
  make_keys(32 * 4);
  mget();
  std::map<NodeId, int> first;
  while (driver().waiting() > 0) {
    const auto request = driver().take();
    ++first[request.replicas.at(0)];
    request.answer();
  }
  EXPECT_EQ(first[one], 2);
  EXPECT_EQ(first[two], 2);
}

TEST_F(GroupedCallTest, WritesGoInBatchesBelowTheServersWarning) {
  mset_keys(25, 100);
  ASSERT_EQ(driver().waiting(), 3U);
  std::size_t rows = 0;
  std::optional<std::int64_t> timestamp;
  while (driver().waiting() > 0) {
    const auto request = driver().take();
    EXPECT_EQ(request.kind, Kind::batch);
    if (!timestamp) timestamp = request.options.timestamp;
    EXPECT_EQ(request.options.timestamp, timestamp);
    EXPECT_LE(request.values.size(), 20U);
    for (std::size_t i = 1; i < request.values.size(); i += 2) {
      EXPECT_EQ(std::get<std::string>(request.values[i]), value);
      ++rows;
    }
    request.answer();
  }
  EXPECT_EQ(rows, 25U);
  EXPECT_THAT(written.result().failures, IsEmpty());
}

TEST_F(GroupedCallTest, TheBytesOfABatchAreBounded) {
  mset_keys(8, 1'024);
  ASSERT_EQ(driver().waiting(), 2U);
  while (driver().waiting() > 0) {
    const auto request = driver().take();
    EXPECT_EQ(request.values.size(), 2U * 4);
    request.answer();
  }
}

TEST_F(GroupedCallTest, LargeValuesAreWrittenAlone) {
  mset_keys(3, 6'000);
  ASSERT_EQ(driver().waiting(), 3U);
  while (driver().waiting() > 0) {
    const auto request = driver().take();
    EXPECT_EQ(request.kind, Kind::execute);
    request.answer();
  }
}

TEST_F(GroupedCallTest, DeletesNameKeysTogether) {
  make_keys(33);
  mdelete();
  ASSERT_EQ(driver().waiting(), 2U);
  const auto many = driver().take();
  EXPECT_EQ(many.cql, "DELETE FROM \"app\".\"kv\" WHERE row_id IN ?");
  EXPECT_THAT(keys_of(many), SizeIs(32));
  const auto last = driver().take();
  EXPECT_EQ(last.cql, "DELETE FROM \"app\".\"kv\" WHERE row_id = ?");
  many.answer();
  last.answer();
  EXPECT_THAT(written.result().failures, IsEmpty());
}

TEST_F(GroupedCallTest, AFailedGroupIsTriedKeyByKey) {
  mdelete();
  driver().take().fail(failure(DriverErrorCode::write_timeout));
  EXPECT_EQ(driver().waiting(), 0U);
  timers_.advance(seconds{1});
  ASSERT_EQ(driver().waiting(), 3U);
  driver().take().answer();
  driver().take().fail(failure(DriverErrorCode::unauthorized));
  driver().take().answer();
  ASSERT_THAT(written.result().failures, SizeIs(1));
  const auto& failed = written.result().failures[0];
  EXPECT_EQ(failed.index, 1U);
  EXPECT_EQ(failed.code, ErrorCode::unauthorized);
  EXPECT_EQ(failed.outcome, Outcome::unknown) << "the group may have been applied";
}

TEST_F(GroupedCallTest, AGroupThatIsTooLargeIsTriedKeyByKey) {
  mset_keys(4, 1'024);
  ASSERT_EQ(driver().waiting(), 1U);
  driver().take().fail(failure(DriverErrorCode::too_large));
  timers_.advance(seconds{1});
  ASSERT_EQ(driver().waiting(), 4U);
  driver().take().fail(failure(DriverErrorCode::too_large));
  while (driver().waiting() > 0) driver().take().answer();
  ASSERT_THAT(written.result().failures, SizeIs(1));
  EXPECT_EQ(written.result().failures[0].code, ErrorCode::too_large);
  EXPECT_EQ(written.result().failures[0].outcome, Outcome::failed);
}

TEST_F(GroupedCallTest, AGroupThatACoordinatorGaveUpMayHaveBeenApplied) {
  for (const auto code : {DriverErrorCode::unavailable, DriverErrorCode::overloaded}) {
    KeepingSink<core::WriteResult> result;
    std::stop_source stop;
    start_mdelete(table_, keys, call({.stop = stop.get_token()}), result);
    driver().take().fail(failure(code));
    stop.request_stop();
    ASSERT_THAT(result.result().failures, SizeIs(3));
    for (const auto& key : result.result().failures) EXPECT_EQ(key.outcome, Outcome::unknown);
  }
}

TEST_F(GroupedCallTest, AStoreMayCloseWhileACallStarts) {
  table_ = make_table();  // whose set-up is not finished
  mget();
  closing_.request_stop();
  ASSERT_TRUE(read.is_done());
  const auto setup = table_;
  table_->access().requests->shut();
  setup->setup().skip();  // calls back a call that has ended
  EXPECT_THAT(read.result().failures, SizeIs(3));
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(GroupedCallTest, WhatCannotBeHelpedFailsEachKeyOfTheGroup) {
  mget();
  driver().take().fail(failure(DriverErrorCode::unauthorized));
  ASSERT_THAT(read.result().failures, SizeIs(3));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read.result().failures[i].index, i);
    EXPECT_EQ(read.result().failures[i].code, ErrorCode::unauthorized);
  }
}

TEST_F(GroupedCallTest, AStoppedCallFailsEveryKeyOnce) {
  connect({}, fixed(2), {});
  make_keys(10'000);
  std::stop_source stop;
  mdelete({.stop = stop.get_token()});
  driver().take().answer();
  stop.request_stop();
  ASSERT_THAT(written.result().failures, SizeIs(10'000 - 32));
  std::size_t unknown = 0;
  std::size_t last = 0;
  for (const auto& key : written.result().failures) {
    EXPECT_TRUE(last == 0 || key.index > last);
    last = key.index;
    if (key.outcome == Outcome::unknown) ++unknown;
  }
  EXPECT_EQ(unknown, 2U * 32) << "those at the driver";
  while (driver().waiting() > 0) driver().take().answer();
}

TEST_F(GroupedCallTest, AStaleGroupStatementIsPreparedAnew) {
  mget();
  driver().prepares_by_itself = false;
  driver().take().fail(failure(DriverErrorCode::unprepared, false));
  ASSERT_EQ(driver().waiting(), 1U);
  driver().take().answer_prepared();
  timers_.advance(seconds{1});
  while (driver().waiting() > 0) driver().take().answer();
  ASSERT_TRUE(read.is_done());
  EXPECT_THAT(read.result().failures, IsEmpty());
}

TEST_F(GroupedCallTest, AGroupWhoseStatementANodeKnowsByAnotherIdIsRetriedKeyByKey) {
  driver().ring.fallback = {NodeId{.high = 1}, NodeId{.high = 2}, NodeId{.high = 3}};
  mset_keys(3, 1);
  const auto group = driver().take();
  EXPECT_EQ(group.kind, Kind::batch);
  group.fail(failure(DriverErrorCode::other_id, false));
  timers_.advance(seconds{1});
  ASSERT_EQ(driver().waiting(), 3U);
  for (int i = 0; i < 2; ++i) {
    const auto request = driver().take();
    EXPECT_NE(request.replicas.at(0), group.replicas.at(0));
    request.answer();
  }
  while (!written.is_done()) {
    while (driver().waiting() > 0) driver().take().fail(failure(DriverErrorCode::other_id, false));
    timers_.advance(seconds{1});
  }
  ASSERT_THAT(written.result().failures, SizeIs(1));
  EXPECT_EQ(failure_at(0).code, ErrorCode::unavailable);
  EXPECT_EQ(failure_at(0).outcome, Outcome::failed);
  EXPECT_THAT(failure_at(0).message, HasSubstr("by different ids"));
}

TEST_F(GroupedCallTest, GroupsOfAServerThatCannotLookPermissionsUpAreRetriedUntilItCan) {
  mset_keys(20, 1);
  for (int i = 0; i < 25; ++i) {
    while (driver().waiting() > 0)
      driver().take().fail(failure(DriverErrorCode::roles_unavailable));
    timers_.advance(seconds{1});
  }
  EXPECT_FALSE(written.is_done());
  while (driver().waiting() > 0) driver().take().answer();
  timers_.advance(seconds{2});
  while (driver().waiting() > 0) driver().take().answer();
  ASSERT_TRUE(written.is_done());
  EXPECT_THAT(written.result().failures, IsEmpty());
}

TEST_F(GroupedCallTest, KeysThatAServerNeverLookedPermissionsUpForHaveCertainlyFailed) {
  mset_keys(20, 1);
  for (auto error = failure(DriverErrorCode::roles_unavailable); !written.is_done();
       error = failure(DriverErrorCode::no_connection, false)) {
    // That a node is gone, as the later ones tell, does not hide what the other one said.
    while (driver().waiting() > 0) driver().take().fail(error);
    timers_.advance(seconds{1});
  }
  ASSERT_THAT(written.result().failures, SizeIs(20));
  for (const KeyFailure& key : written.result().failures) {
    EXPECT_EQ(key.code, ErrorCode::unavailable);
    EXPECT_EQ(key.outcome, Outcome::failed);
    EXPECT_THAT(key.message, HasSubstr("system_auth"));
  }
}

TEST_F(GroupedCallTest, BytesInFlightAreBounded) {
  connect({}, {.start = 64, .least = 64, .most = 64, .bytes = {.first = 100'000}}, {});
  mset_keys(20, 30'000);
  EXPECT_EQ(driver().waiting(), 4U) << "the one that passes the bound is the last";
  driver().take().answer();
  EXPECT_EQ(driver().waiting(), 4U);
  while (driver().waiting() > 0) driver().take().answer();
  EXPECT_TRUE(written.is_done());
}

}  // namespace
}  // namespace bytestore::cassandra
