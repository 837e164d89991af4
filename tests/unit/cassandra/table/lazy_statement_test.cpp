#include "cassandra/table/lazy_statement.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <latch>
#include <thread>

#include "unit/support/table_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::StartsWith;

class Lazy : public TableRig {
 protected:
  void SetUp() override {
    TableRig::SetUp();
    make_statement();
  }

  void make_statement() {
    driver().prepares_by_itself = false;
    statement = std::make_shared<LazyStatement>(table_->access(), "SELECT ?", 1, counters);
  }

  /// Asks for the statement, and keeps the answer.
  void ask() {
    statement->get(
        [this](const LazyStatement::Prepared& prepared) { answers.push_back(prepared); });
  }

  [[nodiscard]] std::shared_ptr<const Statement> statement_in(std::size_t answer) const {
    return std::get<std::shared_ptr<const Statement>>(answers.at(answer));
  }

  std::vector<LazyStatement::Prepared> answers;
  VerbCounters counters;
  std::shared_ptr<LazyStatement> statement;
};

TEST_F(Lazy, PreparesWhenItIsFirstNeeded) {
  EXPECT_EQ(statement->cql(), "SELECT ?");
  EXPECT_EQ(driver().waiting(), 0U);
  ask();
  const auto request = driver().take();
  EXPECT_EQ(request.kind, FakeRequest::Kind::prepare);
  EXPECT_EQ(request.cql, "SELECT ?");
  EXPECT_TRUE(answers.empty());
  request.answer_prepared();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_NE(statement_in(0), nullptr);
}

TEST_F(Lazy, IsPreparedOnceForAll) {
  ask();
  ask();
  EXPECT_EQ(driver().waiting(), 1U);
  driver().take().answer_prepared();
  ask();
  EXPECT_EQ(driver().waiting(), 0U);
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(statement_in(1), statement_in(0));
  EXPECT_EQ(statement_in(2), statement_in(0));
}

TEST_F(Lazy, IsPreparedOnceForManyThreads) {
  std::atomic<int> prepares{0};
  driver().by_itself = [&](const FakeRequest& request) {
    ++prepares;
    std::this_thread::sleep_for(milliseconds{10});
    request.answer_prepared();
  };
  std::atomic<int> got{0};
  {
    std::latch start(8);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        statement->get([&](const LazyStatement::Prepared& prepared) {
          got += static_cast<int>(prepared.index() == 0);
        });
      });
    }
  }
  EXPECT_EQ(prepares, 1);
  EXPECT_EQ(got, 8);
}

TEST_F(Lazy, IsPreparedAgainOnceItIsForgotten) {
  ask();
  driver().take().answer_prepared();
  statement->forget(statement_in(0));
  ask();
  driver().take().answer_prepared();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_NE(statement_in(1), statement_in(0));
  statement->forget(statement_in(0));
  ask();
  EXPECT_EQ(driver().waiting(), 0U) << "what is stale now was not what it has";
}

TEST_F(Lazy, TriesAgainWhatMayHelp) {
  ask();
  driver().take().fail(failure(DriverErrorCode::no_connection));
  EXPECT_TRUE(answers.empty());
  EXPECT_EQ(driver().waiting(), 0U);
  timers_.advance(seconds{1});
  driver().take().answer_prepared();
  EXPECT_NE(statement_in(0), nullptr);
}

TEST_F(Lazy, AttemptsThatAreMadeAgainAreCountedAndTold) {
  const auto log = connect_with_log();
  make_statement();
  ask();
  driver().take().fail(failure(DriverErrorCode::no_connection));
  timers_.advance(seconds{1});
  driver().take().fail(failure(DriverErrorCode::overloaded));
  timers_.advance(seconds{1});
  driver().take().answer_prepared();
  EXPECT_EQ(counters.stats().retries, 2U);
  EXPECT_EQ(counters.stats().requests, 0U) << "for keys";
  EXPECT_EQ(session_->log().count(Event::retry), 2U);
  EXPECT_THAT(log->first(), StartsWith("tried again: preparing SELECT ? failed: no node"));
}

TEST_F(Lazy, WhatIsNotMadeAgainIsNotCounted) {
  ask();
  driver().take().fail(failure(DriverErrorCode::invalid));
  EXPECT_EQ(counters.stats().retries, 0U);
  EXPECT_EQ(session_->log().count(Event::retry), 0U);
}

TEST_F(Lazy, GivesUpInTime) {
  ask();
  for (int i = 0; answers.empty() && i < 1'000; ++i) {
    if (driver().waiting() > 0) driver().take().fail(failure(DriverErrorCode::attempt_timeout));
    timers_.advance(seconds{1});
  }
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(std::get<DriverError>(answers[0]).code, DriverErrorCode::attempt_timeout);
  ask();
  driver().take().answer_prepared();
  EXPECT_NE(statement_in(1), nullptr) << "another call may have more luck";
}

TEST_F(Lazy, WaitsALittleForATableThatANodeDoesNotKnowYet) {
  ask();
  driver().take().fail(failure(DriverErrorCode::unknown_table));
  timers_.advance(milliseconds{100});
  driver().take().answer_prepared();
  EXPECT_NE(statement_in(0), nullptr);
}

TEST_F(Lazy, TellsEachWhatCannotBeHelped) {
  ask();
  ask();
  driver().take().fail(failure(DriverErrorCode::invalid));
  ASSERT_EQ(answers.size(), 2U);
  for (const auto& answer : answers) {
    EXPECT_EQ(std::get<DriverError>(answer).code, DriverErrorCode::invalid);
  }
  EXPECT_EQ(timers_.pending(), 0U);
}

TEST_F(Lazy, EndsWithItsStore) {
  table_->close();
  ask();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(std::get<DriverError>(answers[0]).code, DriverErrorCode::session_ended);
}

TEST_F(Lazy, WhoHasWaitedForLongGetsItUnprepared) {
  ask();
  const auto request = driver().take();
  timers_.advance(LazyStatement::kPatience);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(dynamic_cast<const FakeStatement&>(*statement_in(0)).cql, "unprepared SELECT ?");
  ask();
  EXPECT_EQ(statement_in(1), statement_in(0)) << "nobody else waits";
  EXPECT_EQ(driver().waiting(), 0U);
  EXPECT_EQ(statement->ready(), nullptr);
  request.answer_prepared();
  ask();
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_NE(statement_in(2), statement_in(0));
  EXPECT_EQ(statement->ready(), statement_in(2));
}

TEST_F(Lazy, WhileTheNodesDifferInItsIdItIsUsedUnprepared) {
  ask();
  driver().take().fail(failure(DriverErrorCode::other_id));
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(dynamic_cast<const FakeStatement&>(*statement_in(0)).cql, "unprepared SELECT ?");
  timers_.advance(milliseconds{20});
  driver().take().answer_prepared();
  ask();
  EXPECT_EQ(statement->ready(), statement_in(1)) << "once they agree, prepared";
}

TEST_F(Lazy, WhoClosesTheStoreWaitsForAnAttemptAndNoLonger) {
  ask();
  const auto request = driver().take();
  const auto gate = table_->access().requests;
  const std::jthread closing([this] { table_->close(); });
  const auto is_shut = [&] {
    try {
      static_cast<void>(gate->enter());
      return false;
    } catch (const Error&) {
      return true;
    }
  };
  while (!is_shut()) std::this_thread::yield();
  request.answer_prepared();
  EXPECT_EQ(answers.size(), 1U);
}

TEST_F(Lazy, WhoClosesTheStoreDoesNotWaitForWhatIsUsedUnprepared) {
  ask();
  const auto request = driver().take();
  timers_.advance(LazyStatement::kPatience);
  request.fail(failure(DriverErrorCode::attempt_timeout));
  timers_.advance(milliseconds{20});
  const auto later = driver().take();
  table_->close();
  later.answer_prepared();
  ASSERT_EQ(answers.size(), 1U);
}

TEST_F(Lazy, PreparingIsBegunAnewOnceItWasGivenUp) {
  ask();
  const auto request = driver().take();
  timers_.advance(LazyStatement::kPatience);
  request.fail(failure(DriverErrorCode::syntax));
  ask();
  ASSERT_EQ(answers.size(), 2U) << "meanwhile they get it unprepared";
  driver().take().answer_prepared();
  ask();
  EXPECT_EQ(statement->ready(), statement_in(2));
}

}  // namespace
}  // namespace bytestore::cassandra
