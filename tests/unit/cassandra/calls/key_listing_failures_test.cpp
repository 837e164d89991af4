/// What a listing does where a page, a statement or the set-up fails.

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/errors.hpp"
#include "support/keys_of_token.hpp"
#include "unit/support/key_listing_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FailedPagesTest : public KeyListingRig {};

TEST_F(FailedPagesTest, AFailedPageIsReadAgain) {
  int failures = 0;
  driver().by_itself = [&](const FakeRequest& request) {
    if (request.paging_state.empty()) {
      ++ranges;
      return request.answer(rows({"k"}, "more"));
    }
    if (failures == 0) {
      ++failures;
      return request.fail(failure(DriverErrorCode::overloaded));
    }
    request.answer(rows({"l"}));
  };
  const auto keys = count();
  EXPECT_EQ(keys, 2 * ranges);
}

TEST_F(FailedPagesTest, AnErrorIsToldAndTheNextStepGoesOn) {
  bool broken = true;
  driver().by_itself = [&](const FakeRequest& request) {
    if (broken) return request.fail(failure(DriverErrorCode::unauthorized));
    request.answer(rows({std::to_string(token_at(request, 0))}));
  };
  EXPECT_EQ(testing::code_of([&] { walk(); }), ErrorCode::unauthorized);
  broken = false;
  answer_by_itself();
  const auto keys = walk();
  EXPECT_THAT(keys, SizeIs(ranges));
  EXPECT_GT(ranges, 31U);
}

TEST_F(FailedPagesTest, GivesUpInTime) {
  driver().by_itself = [&](const FakeRequest& request) {
    request.fail(failure(DriverErrorCode::read_timeout));
  };
  const auto& page = ask();
  for (int i = 0; i < 60 && !page.is_done(); ++i) timers_.advance(seconds{1});
  ASSERT_TRUE(page.is_done());
  EXPECT_EQ(page.result().error->code(), ErrorCode::timeout);
}

TEST_F(FailedPagesTest, AStaleStatementIsPreparedAnew) {
  bool stale = true;
  driver().by_itself = [&](const FakeRequest& request) {
    if (std::exchange(stale, false)) {
      return request.fail(failure(DriverErrorCode::unprepared, false));
    }
    ++ranges;
    request.answer(rows({"k"}));
  };
  const auto keys = count();
  EXPECT_EQ(keys, ranges);
}

TEST_F(FailedPagesTest, WhatOneNodeKnowsByAnotherIdIsReadFromOthers) {
  driver().ring.fallback = {NodeId{.high = 1}, NodeId{.high = 2}};
  int refused = 0;
  driver().by_itself = [&](const FakeRequest& request) {
    if (!request.replicas.empty() && request.replicas.front() == NodeId{.high = 1}) {
      ++refused;
      return request.fail(failure(DriverErrorCode::other_id, false));
    }
    ++ranges;
    request.answer(rows({"k"}));
  };
  const auto keys = count();
  EXPECT_EQ(keys, ranges);
  EXPECT_GT(refused, 0);
}

TEST_F(FailedPagesTest, ARangeThatIsTooMuchIsReadInHalves) {
  std::set<std::pair<std::int64_t, std::int64_t>> read;
  driver().by_itself = [&](const FakeRequest& request) {
    const auto after = token_at(request, 0);
    const auto last = token_at(request, 1);
    const auto width = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(after);
    if (width > std::uint64_t{1} << 56) {  // an eighth of the widest
      return request.fail(failure(DriverErrorCode::read_failure));
    }
    EXPECT_TRUE(read.emplace(after, last).second);
    request.answer();
  };
  EXPECT_EQ(count(), 0U);
  auto begin = std::numeric_limits<std::int64_t>::min();
  for (const auto& [after, last] : read) {
    ASSERT_EQ(after, begin);
    begin = last;
  }
  EXPECT_EQ(begin, std::numeric_limits<std::int64_t>::max());
  EXPECT_GT(table_->counters(Verb::yield_keys).stats().retries, 0U);
}

TEST_F(FailedPagesTest, APageWithoutKeysThatGoesOnAndThenFailsLosesNoKey) {
  const std::set<std::int64_t> tokens{INT64_MIN + 1, -1, 0, 1, INT64_MAX};
  std::size_t failures = 0;
  driver().by_itself = [&](const FakeRequest& request) {
    const auto after = token_at(request, 0);
    const auto last = token_at(request, 1);
    const auto width = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(after);
    if (width > std::uint64_t{1} << 56) {  // an eighth of the widest
      if (request.paging_state.empty()) return request.answer(rows({}, "some place"));
      ++failures;
      return request.fail(failure(DriverErrorCode::read_failure));
    }
    if (request.paging_state.empty()) return request.answer(rows({}, "some place"));
    std::vector<std::string> keys;
    for (auto at = tokens.upper_bound(after); at != tokens.upper_bound(last); ++at) {
      keys.push_back(testing::KeysOfToken::key(*at, 7));
    }
    request.answer(rows(keys));
  };
  Page all;
  for (bool more = true; more;) {
    const auto& page = ask();
    while (!page.is_done()) timers_.advance(seconds{1});
    ASSERT_FALSE(page.result().error);
    std::ranges::copy(page.result().keys, std::back_inserter(all));
    more = !page.result().keys.empty();
  }
  Page expected;
  for (const auto token : tokens) expected.push_back(testing::KeysOfToken::key(token, 7));
  EXPECT_EQ(all, expected);
  EXPECT_GT(failures, 0U);
}

TEST_F(FailedPagesTest, ANodeThatDoesNotAnswerIsAskedOnceByWhatIsRead) {
  const NodeId silent{.high = 1};
  driver().ring.fallback = {silent, {.high = 2}};
  std::set<std::pair<std::int64_t, std::int64_t>> waited_for;
  std::set<std::pair<std::int64_t, std::int64_t>> read;
  driver().by_itself = [&](const FakeRequest& request) {
    const std::pair range(token_at(request, 0), token_at(request, 1));
    if (request.replicas.front() == silent) {
      EXPECT_TRUE(waited_for.insert(range).second) << "the next attempt is at another node";
      return request.fail(failure(DriverErrorCode::attempt_timeout));
    }
    EXPECT_TRUE(read.insert(range).second);
    request.answer(rows({"k"}));
  };
  const auto keys = count();
  EXPECT_EQ(keys, read.size());
  EXPECT_THAT(waited_for, SizeIs(::testing::Le(4U))) << "those sent before the first came back";
  EXPECT_THAT(waited_for, ::testing::Not(IsEmpty()));
  EXPECT_TRUE(std::ranges::includes(read, waited_for)) << "none was halved";
}

TEST_F(FailedPagesTest, AfterAFailureTheReplicasAreThoseThatAreKnownThen) {
  const NodeId gone{.high = 1};
  const NodeId there{.high = 2};
  driver().ring.fallback = {gone};
  std::size_t asked = 0;
  bool is_known = false;
  driver().by_itself = [&](const FakeRequest& request) {
    if (request.replicas.front() == there || ++asked <= 2) return request.answer(rows({"k"}));
    EXPECT_FALSE(is_known) << "a retry asked a node that is gone";
    request.fail(failure(DriverErrorCode::unavailable));
  };
  ask();  // after two pages the node goes, and all parts that are read wait for their retry
  EXPECT_EQ(asked, 6U);
  driver().ring.fallback = {there};
  driver().ring.number = 2;
  is_known = true;
  timers_.advance(seconds{1});
  EXPECT_GT(count(), 31U);
}

TEST_F(FailedPagesTest, EachPartHasItsTime) {
  connect({.attempt_timeout = seconds{10}, .retries = {.give_up_after = seconds{30}}});
  scan = std::make_unique<KeyListing>(table_, "", "");
  const auto& page = ask();
  std::vector<std::chrono::milliseconds> allowed;
  for (int round = 0; round < 10 && !page.is_done(); ++round) {
    std::vector<FakeRequest> sent;
    while (driver().waiting() > 0) sent.push_back(driver().take());
    for (const auto& request : sent) {
      if (token_at(request, 0) != INT64_MIN) continue;
      allowed.push_back(request.options.timeout);
    }
    timers_.advance(seconds{11});
    for (const auto& request : sent) request.fail(failure(DriverErrorCode::overloaded));
    timers_.advance(seconds{1});
  }
  while (driver().waiting() > 0) driver().take().answer();
  ASSERT_TRUE(page.is_done());
  EXPECT_EQ(page.result().error->code(), ErrorCode::overloaded);
  EXPECT_THAT(allowed, ElementsAre(seconds{10}, seconds{10}, seconds{10}, seconds{5}))
      << "30 s since the first failure";
}

TEST_F(FailedPagesTest, HalvesHaveTheirOwnTime) {
  connect({.retries = {.give_up_after = seconds{30}}});
  scan = std::make_unique<KeyListing>(table_, "", "");
  ask();
  // Each attempt takes most of the time that a part has, and six halvings are needed.
  for (int halving = 0; halving < 6; ++halving) {
    timers_.advance(seconds{20});
    std::vector<FakeRequest> late;
    while (driver().waiting() > 0) late.push_back(driver().take());
    for (const auto& request : late) request.fail(failure(DriverErrorCode::read_failure));
    ASSERT_FALSE(sinks[0]->is_done()) << halving;
    timers_.advance(seconds{3});
    ASSERT_GT(driver().waiting(), 0U) << halving;
  }
  while (driver().waiting() > 0) {
    driver().take().answer(sinks[0]->is_done() ? Rows{} : rows({"k"}));
  }
  EXPECT_THAT(sinks[0]->result().keys, ElementsAre("k"));
}

TEST_F(FailedPagesTest, AFailedSetUpIsToldEachTime) {
  table_ = make_table();
  scan = std::make_unique<KeyListing>(table_, "", "");
  const auto& page = ask();
  table_->setup().start();
  driver().take().answer();
  driver().take().answer();
  EXPECT_EQ(page.result().error->code(), ErrorCode::schema);
  EXPECT_EQ(ask().result().error->code(), ErrorCode::schema);
}

}  // namespace
}  // namespace bytestore::cassandra
