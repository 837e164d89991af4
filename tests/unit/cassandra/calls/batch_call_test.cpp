#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "cassandra/calls/batch_call.hpp"
#include "support/errors.hpp"
#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class BatchCallTest : public VerbRig {};

TEST_F(BatchCallTest, ReadsAnswerPositions) {
  mget();
  ASSERT_EQ(driver().waiting(), 3U);
  const auto a = driver().take();
  const auto b = driver().take();
  const auto c = driver().take();
  EXPECT_EQ(key_of(a), "a");
  EXPECT_EQ(a.cql, "SELECT body_blob FROM \"app\".\"kv\" WHERE row_id = ?");
  c.answer(row(""));
  a.answer(row("1"));
  EXPECT_FALSE(read.is_done());
  b.answer();
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("1"), std::nullopt, Bytes{}));
  EXPECT_THAT(read.result().failures, IsEmpty());
}

TEST_F(BatchCallTest, ANullReadsAsAbsent) {
  keys = {"a"};
  mget();
  driver().take().answer(make_rows({{std::nullopt}}));
  EXPECT_THAT(read.result().values, ElementsAre(std::nullopt));
}

TEST_F(BatchCallTest, AKeyIsReadOnceForAllItsPositions) {
  keys = {"a", "b", "a"};
  mget();
  ASSERT_EQ(driver().waiting(), 2U);
  driver().take().answer(row("1"));
  driver().take().fail(failure(DriverErrorCode::unauthorized));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("1"), std::nullopt, Bytes::copy("1")));
  ASSERT_THAT(read.result().failures, SizeIs(1));
  EXPECT_EQ(read.result().failures[0].index, 1U);
}

TEST_F(BatchCallTest, AFailureIsThatOfAllPositionsOfTheKey) {
  keys = {"a", "b", "a"};
  mdelete();
  driver().take().fail(failure(DriverErrorCode::unauthorized));
  driver().take().answer();
  ASSERT_THAT(written.result().failures, SizeIs(2));
  EXPECT_EQ(failure_at(0).index, 0U);
  EXPECT_EQ(failure_at(1).index, 2U);
  EXPECT_EQ(failure_at(1).key, "a");
}

TEST_F(BatchCallTest, OfSeveralEntriesForAKeyTheLastIsWritten) {
  mset({{"a", as_bytes("1")}, {"b", as_bytes("2")}, {"a", as_bytes("3")}});
  ASSERT_EQ(driver().waiting(), 2U);
  const auto b = driver().take();
  const auto a = driver().take();
  EXPECT_EQ(std::get<std::string>(b.values.at(1)), "2");
  EXPECT_EQ(std::get<std::string>(a.values.at(1)), "3");
  a.answer();
  b.answer();
  EXPECT_THAT(written.result().failures, IsEmpty());
}

TEST_F(BatchCallTest, AllRequestsOfACallHaveItsTimestamp) {
  mset({{"a", as_bytes("1")}, {"b", as_bytes("2")}});
  const auto first = driver().take();
  const auto second = driver().take();
  ASSERT_TRUE(first.options.timestamp);
  EXPECT_EQ(first.options.timestamp, second.options.timestamp);
  first.fail(failure(DriverErrorCode::overloaded));
  timers_.advance(seconds{1});
  const auto again = driver().take();
  EXPECT_EQ(again.options.timestamp, first.options.timestamp);
  again.answer();
  second.answer();
  KeepingSink<core::WriteResult> next;
  start_mset(table_, entries, call(), next);
  const auto later = driver().take();
  EXPECT_GT(later.options.timestamp, first.options.timestamp);
  later.answer();
  driver().take().answer();
}

TEST_F(BatchCallTest, ReadsHaveNoTimestamp) {
  keys = {"a"};
  mget();
  const auto request = driver().take();
  EXPECT_FALSE(request.options.timestamp);
  EXPECT_EQ(request.options.consistency, Consistency::local_quorum);
  EXPECT_EQ(request.options.timeout, seconds{10});
  request.answer();
}

TEST_F(BatchCallTest, AnAttemptHasTimeForItsBytes) {
  mset({{"a", as_bytes("1")}});
  const auto small = driver().take();
  EXPECT_EQ(small.options.timeout, seconds{10});
  small.answer();
  KeepingSink<core::WriteResult> other;
  const std::string large(std::size_t{4} << 20, 'x');
  const std::vector<EntryRef> values{{"b", as_bytes(large)}};
  start_mset(table_, values, call(), other);
  const auto request = driver().take();
  EXPECT_GT(request.options.timeout, seconds{20}) << "it takes 17 s at 250 kB/s";
  request.answer();
  EXPECT_TRUE(other.is_done());
}

TEST_F(BatchCallTest, EachAttemptGoesToTheNextReplica) {
  const NodeId one{.high = 1};
  const NodeId two{.high = 2};
  const NodeId three{.high = 3};
  driver().ring.fallback = {one, two, three};
  keys = {"a"};
  mget();
  std::vector<NodeId> asked;
  for (int i = 0; i < 4; ++i) {
    const auto request = driver().take();
    ASSERT_THAT(request.replicas, SizeIs(3));
    asked.push_back(request.replicas[0]);
    if (i < 3) {
      request.fail(failure(DriverErrorCode::no_connection));
      timers_.advance(seconds{1});
    } else {
      request.answer();
    }
  }
  EXPECT_THAT(asked, ElementsAre(one, two, three, one));
}

TEST_F(BatchCallTest, TheFirstReplicaDiffersFromKeyToKey) {
  driver().ring.fallback = {NodeId{.high = 1}, NodeId{.high = 2}, NodeId{.high = 3}};
  mget();
  std::set<NodeId> first;
  while (driver().waiting() > 0) {
    const auto request = driver().take();
    first.insert(request.replicas.at(0));
    request.answer();
  }
  EXPECT_THAT(first, SizeIs(3));
}

TEST_F(BatchCallTest, WhatCannotBeHelpedIsNotTriedAgain) {
  keys = {"a"};
  mdelete();
  driver().take().fail(failure(DriverErrorCode::too_large));
  ASSERT_TRUE(written.is_done());
  EXPECT_EQ(failure_at(0).code, ErrorCode::too_large);
  EXPECT_EQ(failure_at(0).outcome, Outcome::failed);
  EXPECT_NE(failure_at(0).message.find("the driver's words"), std::string::npos);
  EXPECT_EQ(timers_.pending(), 0U);
}

TEST_F(BatchCallTest, ASuccessForgetsWhatFailedBefore) {
  keys = {"a"};
  mdelete();
  driver().take().fail(failure(DriverErrorCode::write_timeout));
  timers_.advance(seconds{1});
  driver().take().answer();
  EXPECT_THAT(written.result().failures, IsEmpty());
}

TEST_F(BatchCallTest, UnknownIsSticky) {
  keys = {"a"};
  mdelete();
  driver().take().fail(failure(DriverErrorCode::write_timeout));
  timers_.advance(seconds{1});
  driver().take().fail(failure(DriverErrorCode::unauthorized));
  EXPECT_EQ(failure_at(0).code, ErrorCode::unauthorized);
  EXPECT_EQ(failure_at(0).outcome, Outcome::unknown);
}

TEST_F(BatchCallTest, AKeyIsGivenUpInTime) {
  keys = {"a"};
  mdelete();
  const auto start = timers_.now();
  int attempts = 0;
  while (!written.is_done() && timers_.now() < start + seconds{60}) {
    for (; driver().waiting() > 0; ++attempts) {
      driver().take().fail(failure(DriverErrorCode::unavailable));
    }
    timers_.advance(milliseconds{100});
  }
  ASSERT_TRUE(written.is_done());
  EXPECT_LE(timers_.now() - start, seconds{31});
  EXPECT_GT(attempts, 10);
  EXPECT_EQ(failure_at(0).code, ErrorCode::unavailable);
  EXPECT_EQ(failure_at(0).outcome, Outcome::failed);
}

TEST_F(BatchCallTest, OneBadKeyDoesNotFailItsNeighbours) {
  mget();
  driver().take().answer(row("1"));
  driver().take().fail(failure(DriverErrorCode::too_large));
  driver().take().answer(row("3"));
  ASSERT_THAT(read.result().failures, SizeIs(1));
  EXPECT_EQ(read.result().failures[0].index, 1U);
  EXPECT_EQ(read.result().failures[0].key, "b");
  EXPECT_EQ(read.result().values[2], Bytes::copy("3"));
}

TEST_F(BatchCallTest, AStaleStatementIsPreparedAnew) {
  keys = {"a", "b"};
  mget();
  int prepared = 0;
  driver().prepares_by_itself = false;
  driver().take().fail(failure(DriverErrorCode::unprepared, false));
  driver().take().fail(failure(DriverErrorCode::unprepared, false));
  timers_.advance(seconds{1});
  while (driver().waiting() > 0) {
    const auto request = driver().take();
    if (request.kind == FakeRequest::Kind::prepare) {
      ++prepared;
      request.answer_prepared();
    } else {
      request.answer(row("1"));
    }
  }
  EXPECT_EQ(prepared, 1);
  ASSERT_TRUE(read.is_done());
  EXPECT_THAT(read.result().failures, IsEmpty());
}

TEST_F(BatchCallTest, AStatementThatSomeReplicasKnowByAnotherIdIsKept) {
  driver().ring.fallback = {NodeId{.high = 1}, NodeId{.high = 2}, NodeId{.high = 3}};
  keys = {"a"};
  mget();
  driver().prepares_by_itself = false;
  std::set<NodeId> asked;
  for (int i = 0; i < 2; ++i) {
    const auto request = driver().take();
    EXPECT_EQ(request.kind, FakeRequest::Kind::execute) << "not prepared anew";
    asked.insert(request.replicas.at(0));
    request.fail(failure(DriverErrorCode::other_id, false));
    timers_.advance(seconds{1});
  }
  const auto request = driver().take();
  EXPECT_EQ(request.kind, FakeRequest::Kind::execute) << "not prepared anew";
  EXPECT_FALSE(asked.contains(request.replicas.at(0)));
  request.answer(row("1"));
  EXPECT_EQ(read.result().values[0], Bytes::copy("1"));
}

TEST_F(BatchCallTest, AStatementThatAllReplicasKnowByAnotherIdIsPreparedAnew) {
  driver().ring.fallback = {NodeId{.high = 1}, NodeId{.high = 2}};
  keys = {"a"};
  mget();
  driver().prepares_by_itself = false;
  driver().take().fail(failure(DriverErrorCode::other_id, false));
  timers_.advance(seconds{1});
  driver().take().fail(failure(DriverErrorCode::other_id, false));
  const auto request = driver().take();
  ASSERT_EQ(request.kind, FakeRequest::Kind::prepare);
  request.answer_prepared();
  timers_.advance(seconds{1});
  driver().take().answer(row("1"));
  EXPECT_EQ(read.result().values[0], Bytes::copy("1"));
}

TEST_F(BatchCallTest, AStatementThatCannotBePreparedFailsEachKey) {
  driver().prepares_by_itself = false;
  mget();
  driver().take().fail(failure(DriverErrorCode::invalid));
  EXPECT_EQ(driver().waiting(), 0U) << "none for groups, since there are none";
  ASSERT_THAT(read.result().failures, SizeIs(3));
  EXPECT_FALSE(read.result().error);
  for (const KeyFailure& key : read.result().failures) EXPECT_EQ(key.code, ErrorCode::schema);
}

TEST_F(BatchCallTest, ATableThatANodeDoesNotKnowYetIsTriedAgain) {
  mget();
  while (driver().waiting() > 0) driver().take().fail(failure(DriverErrorCode::unknown_table));
  EXPECT_FALSE(read.is_done());
  timers_.advance(milliseconds{100});
  while (driver().waiting() > 0) driver().take().answer(row("1"));
  ASSERT_TRUE(read.is_done());
  EXPECT_THAT(read.result().failures, IsEmpty());
}

TEST_F(BatchCallTest, ATableThatNoNodeKnowsIsSoonGivenUp) {
  mget();
  for (int i = 0; i < 30; ++i) {
    while (driver().waiting() > 0) driver().take().fail(failure(DriverErrorCode::unknown_table));
    timers_.advance(milliseconds{100});
  }
  ASSERT_TRUE(read.is_done());
  ASSERT_THAT(read.result().failures, SizeIs(3));
  for (const KeyFailure& key : read.result().failures) EXPECT_EQ(key.code, ErrorCode::schema);
}

TEST_F(BatchCallTest, WaitsForTheSetUp) {
  table_ = make_table();
  mget();
  EXPECT_EQ(driver().waiting(), 0U);
  EXPECT_FALSE(read.is_done());
  table_->setup().skip();
  EXPECT_EQ(driver().waiting(), 3U);
  while (driver().waiting() > 0) driver().take().answer();
  EXPECT_TRUE(read.is_done());
}

TEST_F(BatchCallTest, AFailedSetUpFailsTheCall) {
  table_ = make_table();
  mget();
  table_->setup().start();
  driver().take().answer();
  driver().take().answer();  // no table, no keyspace
  ASSERT_TRUE(read.is_done());
  ASSERT_TRUE(read.result().error);
  EXPECT_EQ(read.result().error->code(), ErrorCode::schema);
  EXPECT_THAT(read.result().failures, IsEmpty());
}

TEST_F(BatchCallTest, KeepsToTheWindow) {
  make_keys(1'000);
  mget();
  EXPECT_EQ(driver().waiting(), kWindow);
  int answered = 0;
  for (; driver().waiting() > 0; ++answered) {
    EXPECT_LE(driver().waiting(), kWindow);
    driver().take().answer();
  }
  EXPECT_EQ(answered, 1'000);
  EXPECT_TRUE(read.is_done());
}

TEST_F(BatchCallTest, KeysThatWaitForAnotherAttemptAreBounded) {
  make_keys(BatchState::kMaxOpen + 1'000);
  mget();
  std::size_t begun = 0;
  while (driver().waiting() > 0) {
    driver().take().fail(failure(DriverErrorCode::unavailable));
    ++begun;
  }
  EXPECT_EQ(begun, BatchState::kMaxOpen);
  while (!read.is_done()) {
    while (driver().waiting() > 0) driver().take().answer();
    timers_.advance(seconds{1});
  }
  EXPECT_THAT(read.result().failures, IsEmpty());
}

TEST_F(BatchCallTest, AShortCallOvertakesALongOne) {
  connect({}, fixed(4));
  make_keys(1'000);
  mget();
  KeepingSink<core::WriteResult> quick;
  const std::vector<std::string_view> few{"x", "y"};
  start_mdelete(table_, few, call(), quick);
  for (int i = 0; i < 12; ++i) driver().take().answer();
  EXPECT_TRUE(quick.is_done());
  while (driver().waiting() > 0) driver().take().answer();
  EXPECT_TRUE(read.is_done());
}

TEST_F(BatchCallTest, AnswersMayComeAtOnce) {
  make_keys(10'000);
  driver().by_itself = [](const FakeRequest& request) { request.answer(); };
  mget();
  ASSERT_TRUE(read.is_done());
  EXPECT_THAT(read.result().values, SizeIs(10'000));
}

TEST_F(BatchCallTest, AnswersMayComeFromManyThreads) {
  make_keys(20'000);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!read.is_done()) {
        FakeRequest request;
        try {
          request = driver().take();
        } catch (const std::logic_error&) {
          std::this_thread::yield();
          continue;
        }
        request.answer(row(key_of(request)));
      }
    });
  }
  mget();
  threads.clear();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ASSERT_EQ(read.result().values[i], Bytes::copy(keys[i]));
  }
}

TEST_F(BatchCallTest, ARefusalOfAllKeysIsNotAskedForAgain) {
  for (const auto code : {DriverErrorCode::unauthorized, DriverErrorCode::refused_consistency,
                          DriverErrorCode::guardrail}) {
    connect({}, fixed(2));
    KeepingSink<core::WriteResult> each;
    start_mdelete(table_, keys, call(), each);
    const auto first = driver().take();
    const auto second = driver().take();
    first.fail(failure(code));
    EXPECT_EQ(driver().waiting(), 0U) << "the third key was never sent";
    EXPECT_FALSE(each.is_done()) << "the second is in flight";
    second.answer();
    const auto& failures = each.result().failures;
    ASSERT_THAT(failures, SizeIs(2));
    EXPECT_EQ(failures[1].index, 2U);
    EXPECT_EQ(failures[1].code, failures[0].code);
    EXPECT_EQ(failures[1].message, failures[0].message);
    EXPECT_EQ(failures[1].outcome, Outcome::failed);
  }
}

}  // namespace
}  // namespace bytestore::cassandra
