/// Servers that find no replica alive, on the fake driver: these are down, or there are none in the
/// local datacenter.

#include <gmock/gmock.h>

#include "cassandra/calls/key_listing.hpp"
#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LocalReplicasTest : public VerbRig {
 protected:
  void SetUp() override { connect_at(Consistency::local_quorum); }

  void connect_at(Consistency level) {
    connect({}, fixed(kWindow), {.consistency = level, .groups = {.by_replicas = false}});
    keys = {"a"};
  }

  static DriverError unavailable(int alive = 0) {
    return {.code = DriverErrorCode::unavailable,
            .message = "the server's words",
            .maybe_sent = true,
            .received = alive,
            .required = 1};
  }

  /// As a server stores it.
  static Rows replication(const std::vector<std::pair<std::string, std::string>>& options) {
    std::string map = wire(static_cast<std::int32_t>(options.size()));
    for (const auto& [name, value] : options) {
      for (const auto& text : {name, value}) {
        map += wire(static_cast<std::int32_t>(text.size())) + text;
      }
    }
    return make_rows({{map}});
  }
  static Rows in(const std::string& datacenter) {
    return replication(
        {{"class", "org.apache.cassandra.locator.NetworkTopologyStrategy"}, {datacenter, "2"}});
  }

  /// An attempt fails, then a server tells where there are replicas, and the next one fails too.
  void fail_twice(const FakeRequest& first, const Rows& told) {
    first.fail(unavailable());
    take_question().answer(told);
    timers_.advance(milliseconds{20});
    driver().take().fail(unavailable());
  }

  FakeRequest take_question() {
    auto request = driver().take();
    EXPECT_THAT(request.cql,
                HasSubstr("SELECT replication FROM system_schema.keyspaces WHERE keyspace_name"));
    return request;
  }
};

TEST_F(LocalReplicasTest, WithoutAnyTheKeysFailAtOnce) {
  keys = {"a", "b"};
  mget();
  const auto first = driver().take();
  driver().take().answer(row("2"));
  fail_twice(first, in("elsewhere"));
  ASSERT_THAT(read.result().failures, SizeIs(1));
  EXPECT_EQ(read.result().failures[0].key, "a");
  EXPECT_EQ(read.result().failures[0].code, ErrorCode::schema);
  EXPECT_THAT(read.result().failures[0].message,
              HasSubstr("keyspace app has no replicas in datacenter datacenter1 (it has: elsewhere "
                        "2); connect with local_datacenter=elsewhere"));
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(LocalReplicasTest, WhatWasToldHoldsForASecond) {
  mget();
  fail_twice(driver().take(), in("elsewhere"));
  KeepingSink<core::ReadResult> at_once;
  start_mget(table_, keys, call(), at_once);
  driver().take().fail(unavailable());
  EXPECT_TRUE(at_once.is_done());
  timers_.advance(seconds{1});
  KeepingSink<core::ReadResult> later;
  start_mget(table_, keys, call(), later);
  driver().take().fail(unavailable());
  EXPECT_FALSE(later.is_done());
  take_question().answer(in("datacenter1"));
  timers_.advance(seconds{1});
  driver().take().answer(row("1"));
  EXPECT_TRUE(later.is_done());
}

TEST_F(LocalReplicasTest, AWriteOfOneKeyIsCertainlyNotApplied) {
  mset({{.key = "a", .value = {}}});
  fail_twice(driver().take(), in("elsewhere"));
  EXPECT_EQ(failure_at(0).code, ErrorCode::schema);
  EXPECT_EQ(failure_at(0).outcome, Outcome::failed);
}

TEST_F(LocalReplicasTest, OnesThatAreDownAreWaitedForAndNotAskedForOften) {
  mget();
  driver().take().fail(unavailable());
  take_question().answer(in("datacenter1"));
  EXPECT_FALSE(read.is_done());
  timers_.advance(milliseconds{100});
  driver().take().fail(unavailable());  // of the next attempt
  timers_.advance(milliseconds{100});
  const auto retried = driver().take();
  EXPECT_THAT(retried.cql, HasSubstr("body_blob")) << "it was told just now";
  timers_.advance(seconds{2});
  retried.fail(unavailable());
  take_question().answer(in("datacenter1"));
  timers_.advance(seconds{2});
  driver().take().answer(row("1"));
  EXPECT_THAT(read.result().failures, IsEmpty());
}

TEST_F(LocalReplicasTest, ThatNobodyTellsIsNoReason) {
  mget();
  driver().take().fail(unavailable());
  take_question().fail(failure(DriverErrorCode::unauthorized));
  EXPECT_FALSE(read.is_done());
  timers_.advance(seconds{1});
  driver().take().answer(row("1"));
  EXPECT_THAT(read.result().failures, IsEmpty());
}

TEST_F(LocalReplicasTest, NobodyAsksWhereSomeLiveOrAllDatacentersCount) {
  mget();
  driver().take().fail(unavailable(1));
  EXPECT_EQ(driver().waiting(), 0U);
  timers_.advance(seconds{1});
  driver().take().answer(row("1"));
  connect_at(Consistency::quorum);
  KeepingSink<core::ReadResult> sink;
  start_mget(table_, keys, call(), sink);
  driver().take().fail(unavailable());
  EXPECT_EQ(driver().waiting(), 0U);
  timers_.advance(seconds{1});
  driver().take().answer(row("1"));
}

TEST_F(LocalReplicasTest, AListingFailsAtOnceToo) {
  KeyListing listing(table_, "", "");
  KeepingSink<core::PageResult> page;
  listing.next_page(call(), page);
  std::vector<FakeRequest> pages;
  while (driver().waiting() > 0) pages.push_back(driver().take());
  ASSERT_THAT(pages, Each(Field(&FakeRequest::cql, HasSubstr("DISTINCT"))));
  for (const auto& request : pages) request.fail(unavailable());
  take_question().answer(in("elsewhere"));
  timers_.advance(milliseconds{20});
  while (driver().waiting() > 0) driver().take().fail(unavailable());
  ASSERT_TRUE(page.result().error);
  EXPECT_EQ(page.result().error->code(), ErrorCode::schema);
  EXPECT_THAT(page.result().error->what(), HasSubstr("local_datacenter=elsewhere"));
}

TEST_F(LocalReplicasTest, OtherStrategiesAreNotDoubted) {
  for (const auto& options : std::vector<std::vector<std::pair<std::string, std::string>>>{
           {{"class", "org.apache.cassandra.locator.SimpleStrategy"}, {"replication_factor", "3"}},
           {{"class", "org.apache.cassandra.locator.EverywhereStrategy"}},
           {{"class", "org.apache.cassandra.locator.NetworkTopologyStrategy"},
            {"datacenter1", "3/1"}}}) {
    connect_at(Consistency::local_one);
    KeepingSink<core::ReadResult> sink;
    start_mget(table_, keys, call(), sink);
    driver().take().fail(unavailable());
    take_question().answer(replication(options));
    EXPECT_FALSE(sink.is_done());
    timers_.advance(seconds{1});
    driver().take().answer(row("1"));
    EXPECT_TRUE(sink.is_done());
  }
}

}  // namespace
}  // namespace bytestore::cassandra
