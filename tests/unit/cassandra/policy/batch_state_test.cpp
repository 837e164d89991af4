#include "cassandra/policy/batch_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr BatchState::Clock::time_point kStart{std::chrono::hours{1}};
constexpr RequestGroups::Limits kPairs{.keys = 2, .bytes = 1'000};
constexpr BatchState::Rules kWrites{.effect = Effect::write, .may_repeat = true, .begun = kStart};

std::size_t one_byte(std::size_t) { return 1; }

DriverError error(DriverErrorCode code) {
  return {.code = code, .message = {}, .maybe_sent = true};
}

class BatchStateTest : public ::testing::Test {
 protected:
  using Positions = std::vector<std::size_t>;

  /// A book of the keys that the characters of `keys` are, which all have the same replicas.
  BatchState book_of(std::string_view keys, const BatchState::Rules& rules = kWrites) {
    return {{keys.size(), UniqueKeys::Keep::first, [&](auto i) { return keys.substr(i, 1); }},
            rules};
  }

  BatchState::RequestPtr next(BatchState& book) {
    if (book.wants_plan()) book.plan([](std::size_t) { return ReplicaSets::Id{0}; }, one_byte);
    auto request = book.next(kPairs, now);
    request->replicas = {NodeId{.high = 1}, NodeId{.high = 2}};
    return request;
  }

  /// Nobody has answered anything yet.
  std::optional<RetryDecision> failed(BatchState& book, BatchRequest& request,
                                      DriverErrorCode code) {
    book.note_cause(request, error(code), "writing");
    return book.failed(request, error(code), {.now = now, .alive = {}, .jitter = 0});
  }

  /// An attempt failed in a way that another one may mend. Returns when that is due.
  BatchState::Clock::time_point retry(BatchState& book, BatchState::RequestPtr request,
                                      DriverErrorCode code) {
    const auto decision = failed(book, *request, code);
    const auto again = decision.value().retry_at.value();
    book.retry(std::move(request), {.retry_at = again}, one_byte, 1);
    return again;
  }

  /// The failures of a call that is over.
  static std::vector<KeyFailure> failures_of(BatchState& book) {
    EXPECT_TRUE(book.is_due());
    book.close_all();
    return book.take_failures();
  }

  BatchState::Clock::time_point now = kStart;
};

TEST_F(BatchStateTest, SendsEachKeyOnceInGroups) {
  auto book = book_of("abc");
  ASSERT_TRUE(book.has_next());
  auto first = next(book);
  auto second = next(book);
  EXPECT_THAT(first->group.positions, ElementsAre(0, 1));
  EXPECT_THAT(second->group.positions, ElementsAre(2));
  EXPECT_TRUE(second->is_new());
  EXPECT_FALSE(book.has_next());
  book.answered(std::move(first), "");
  EXPECT_FALSE(book.is_due());
  book.answered(std::move(second), "");
  EXPECT_THAT(failures_of(book), IsEmpty());
}

TEST_F(BatchStateTest, AsksForTheNextPageBeforeAnythingElse) {
  auto book = book_of("abc");
  book.answered(next(book), "more");
  const auto page = next(book);
  EXPECT_THAT(page->group.positions, ElementsAre(0, 1));
  EXPECT_EQ(page->paging_state, "more");
  EXPECT_FALSE(page->is_new());
}

TEST_F(BatchStateTest, TriesAGroupAgainKeyByKeyInTime) {
  auto book = book_of("ab");
  const auto again = retry(book, next(book), DriverErrorCode::overloaded);
  EXPECT_EQ(book.next_time(), again);
  now = again - milliseconds{1};
  book.wake(now);
  EXPECT_FALSE(book.has_next());
  now = again;
  book.wake(now);
  for (const auto position : {std::size_t{0}, std::size_t{1}}) {
    auto one = next(book);
    EXPECT_THAT(one->group.positions, ElementsAre(position));
    EXPECT_EQ(one->attempt(), AttemptKind::retry);
    book.answered(std::move(one), "");
  }
  EXPECT_THAT(failures_of(book), IsEmpty());
}

TEST_F(BatchStateTest, WhatMayHaveBeenAppliedStaysUnknown) {
  auto book = book_of("a");
  book.wake(now = retry(book, next(book), DriverErrorCode::write_timeout));
  const auto request = next(book);
  const auto decision = failed(book, *request, DriverErrorCode::unauthorized);
  EXPECT_FALSE(decision.value().retry_at);
  book.fail(*request);
  const auto failures = failures_of(book);
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].code, ErrorCode::unauthorized);
  EXPECT_EQ(failures[0].outcome, Outcome::unknown);
  EXPECT_THAT(failures[0].message, StartsWith("writing failed: a permission is missing"));
}

TEST_F(BatchStateTest, DoesNotRepeatWhatMustNotComeTwice) {
  auto book = book_of("ab", {.effect = Effect::write, .may_repeat = false});
  const auto request = next(book);
  EXPECT_FALSE(failed(book, *request, DriverErrorCode::write_timeout).value().retry_at);
  book.fail(*request);
  EXPECT_THAT(failures_of(book), SizeIs(2));
}

TEST_F(BatchStateTest, SilenceEndsACallWhereNoKeyHasTimeForAnotherAttempt) {
  const auto book = book_of("a");
  const auto alive = kStart + seconds{5};
  const auto limit = book.silence_limit(alive);
  EXPECT_EQ(limit, alive + RetryRule{}.give_up_after);
  const auto last = limit - RetryRule{}.first_delay;
  EXPECT_FALSE(book.is_silent({.now = last - milliseconds{1}, .alive = alive, .jitter = 0}));
  EXPECT_TRUE(book.is_silent({.now = last, .alive = alive, .jitter = 0}));
}

class SpeculationTest : public BatchStateTest {
 protected:
  SpeculationTest() { book.wake(now += milliseconds{10}); }

  BatchState book = book_of(
      "a", {.effect = Effect::write, .may_repeat = true, .speculative_delay = milliseconds{10}});
  BatchState::RequestPtr slow = next(book);
};

TEST_F(SpeculationTest, TheFirstAnswerCounts) {
  auto other = next(book);
  EXPECT_EQ(other->attempt(), AttemptKind::speculative);
  EXPECT_THAT(other->group.positions, ElementsAre(0));
  book.answered(std::move(other), "");
  EXPECT_TRUE(BatchState::is_abandoned(*slow));
  EXPECT_THAT(failures_of(book), IsEmpty());
}

TEST_F(SpeculationTest, OneThatWasNotSentYetIsNotNeededAnyMore) {
  ASSERT_TRUE(book.has_next());
  book.answered(std::move(slow), "");
  EXPECT_FALSE(book.has_next());
  EXPECT_TRUE(book.is_due());
}

TEST_F(SpeculationTest, OfTwoThatFailTheLaterOneDecides) {
  const auto other = next(book);
  EXPECT_FALSE(failed(book, *slow, DriverErrorCode::write_timeout));
  EXPECT_FALSE(book.is_due());
  EXPECT_FALSE(failed(book, *other, DriverErrorCode::unauthorized).value().retry_at);
  book.fail(*other);
  const auto failures = failures_of(book);
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].outcome, Outcome::unknown) << "of the other one";
}

TEST_F(SpeculationTest, AnEndingFailsTheirKeyOnce) {
  const auto other = next(book);
  EXPECT_TRUE(book.end({ErrorCode::cancelled, "waiting", "on its way", {}}));
  EXPECT_THAT(failures_of(book), SizeIs(1));
}

TEST_F(BatchStateTest, AnEndingTellsWhatWasOnItsWay) {
  auto book = book_of("abcde");
  const auto on_its_way = next(book);
  retry(book, next(book), DriverErrorCode::overloaded);
  EXPECT_TRUE(book.end({ErrorCode::timeout, "waiting", "on its way", {}}));
  EXPECT_FALSE(book.end({ErrorCode::cancelled, "", "", {}}));
  EXPECT_FALSE(book.has_next());
  const auto failures = failures_of(book);
  std::vector<std::pair<std::string, Outcome>> told;
  for (std::size_t i = 0; i < failures.size(); ++i) {
    EXPECT_EQ(failures[i].index, i);
    EXPECT_EQ(failures[i].code, ErrorCode::timeout);
    told.emplace_back(failures[i].message, failures[i].outcome);
  }
  using enum Outcome;
  EXPECT_THAT(told, ElementsAre(std::pair("on its way", unknown), std::pair("on its way", unknown),
                                std::pair("waiting", unknown), std::pair("waiting", unknown),
                                std::pair("waiting", failed)))
      << "a group that was refused for its load may have been begun";
}

TEST_F(BatchStateTest, AnEndingMayFailTheCallAsAWhole) {
  auto book = book_of("a");
  EXPECT_TRUE(book.end({ErrorCode::schema, "", "", Error(ErrorCode::schema, "no table")}));
  EXPECT_TRUE(book.is_due());
  book.close_all();
  EXPECT_EQ(book.take_error().value().code(), ErrorCode::schema);
}

TEST_F(BatchStateTest, AKeyThatIsThereTwiceFailsTwice) {
  auto book = book_of("aba");
  const auto request = next(book);
  EXPECT_THAT(request->group.positions, ElementsAre(0, 1));
  EXPECT_FALSE(failed(book, *request, DriverErrorCode::unauthorized).value().retry_at);
  book.fail(*request);
  const auto failures = failures_of(book);
  ASSERT_THAT(failures, SizeIs(3));
  EXPECT_EQ(failures[2].index, 2U);
}

TEST_F(BatchStateTest, BeginsOnlySoManyKeys) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < BatchState::kMaxOpen + 100; ++i) names.push_back(std::to_string(i));
  BatchState book(
      {names.size(), UniqueKeys::Keep::first, [&](auto i) { return std::string_view(names[i]); }},
      kWrites);
  std::vector<BatchState::RequestPtr> begun;
  while (book.has_next()) begun.push_back(next(book));
  EXPECT_EQ(2 * begun.size(), BatchState::kMaxOpen);
  book.answered(std::move(begun.back()), "");
  EXPECT_TRUE(book.has_next());
}

}  // namespace
}  // namespace bytestore::cassandra
