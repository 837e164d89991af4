#include "cassandra/session/questions.hpp"

#include <gmock/gmock.h>

#include "unit/support/table_rig.hpp"

namespace bytestore::cassandra {
namespace {

using ::testing::ElementsAre;

class QuestionsTest : public TableRig {
 protected:
  void SetUp() override {
    TableRig::SetUp();
    for (std::uint64_t number = 1; number <= 3; ++number) add_node(number, "datacenter1", true);
    questions = std::make_unique<Questions>(table_->access());
  }

  void add_node(std::uint64_t number, std::string datacenter, bool connected) {
    driver().ring.known.push_back({.id = {.high = number},
                                   .address = "127.0.0.1",
                                   .port = 9042,
                                   .datacenter = std::move(datacenter),
                                   .connected = connected});
  }

  /// Has the loads find that a node hangs, while another one answers.
  void hang(NodeId node) {
    const auto asked_at = timers_.now();
    timers_.advance(std::chrono::milliseconds{1});
    for (std::uint64_t number = 1; number <= 3; ++number) {
      if (number != node.high) session_->loads().heard({.high = number}, timers_.now());
    }
    for (auto* const given_up : session_->loads().hangs(node, asked_at, timers_.now())) {
      given_up->give_up();
    }
    EXPECT_TRUE(session_->loads().is_hanging(node));
  }

  /// Asks, and takes the request.
  FakeRequest ask(std::string_view cql = "SELECT 1") {
    sinks.emplace_back();
    questions->query(cql, {}, sinks.back());
    return driver().take();
  }

  std::deque<KeepingSink<Result<Rows>>> sinks;
  std::unique_ptr<Questions> questions;
};

TEST_F(QuestionsTest, GoToNodesOfTheDatacenterThatAreConnected) {
  driver().ring.known.clear();
  add_node(4, "datacenter1", false);
  add_node(5, "elsewhere", true);
  add_node(6, "datacenter1", true);
  const auto request = ask();
  EXPECT_THAT(request.replicas, ElementsAre(NodeId{.high = 6}));
  request.answer();
  EXPECT_TRUE(sinks.back().is_done());
}

TEST_F(QuestionsTest, WithoutANodeTheDriverChooses) {
  driver().ring.known.clear();
  const auto request = ask();
  EXPECT_TRUE(request.replicas.empty());
  request.answer();
  EXPECT_FALSE(questions->node());
}

TEST_F(QuestionsTest, AfterAFailureAnotherNodeIsAsked) {
  NodeId before{};
  for (int i = 0; i < 10; ++i) {
    const auto request = ask();
    EXPECT_NE(request.replicas.front(), before);
    before = request.replicas.front();
    request.fail(failure(DriverErrorCode::attempt_timeout));
  }
}

TEST_F(QuestionsTest, ANodeThatHangsIsNotAsked) {
  const auto first = ask();
  const NodeId hung = first.replicas.front();
  hang(hung);
  for (int i = 0; i < 10; ++i) {
    const auto request = ask("SELECT " + std::to_string(i));
    EXPECT_NE(request.replicas.front(), hung);
    request.fail(failure(DriverErrorCode::overloaded));
  }
  first.answer();
}

TEST_F(QuestionsTest, TheNodeThatAnsweredIsAskedOn) {
  const auto first = ask("SELECT 0");
  first.answer();
  for (int i = 1; i < 5; ++i) {
    const auto request = ask("SELECT " + std::to_string(i));
    EXPECT_EQ(request.replicas.front(), first.replicas.front());
    request.answer();
  }
}

TEST_F(QuestionsTest, OneThatWaitsForANodeThatHangsIsToldAtOnce) {
  const auto request = ask();
  hang(request.replicas.front());
  ASSERT_TRUE(sinks.back().is_done());
  EXPECT_EQ(std::get<DriverError>(sinks.back().result()).code, DriverErrorCode::node_hangs);
  request.answer();
}

TEST_F(QuestionsTest, AChangeIsWaitedForThoughItsNodeHangs) {
  sinks.emplace_back();
  questions->change("CREATE", {}, sinks.back());
  const auto request = driver().take();
  hang(request.replicas.front());
  EXPECT_FALSE(sinks.back().is_done());
  request.answer();
  EXPECT_TRUE(sinks.back().is_done());
}

TEST_F(QuestionsTest, WhatWasAnsweredIsNotAskedAgainUntilItIsForgotten) {
  ask("SELECT 1").answer(make_rows({{"one"}}));
  ask("SELECT 2").fail(failure(DriverErrorCode::unknown_table));
  ask("SELECT 3").fail(failure(DriverErrorCode::invalid));
  for (const auto* const known : {"SELECT 1", "SELECT 3"}) {
    sinks.emplace_back();
    questions->query(known, {}, sinks.back());
    EXPECT_TRUE(sinks.back().is_done()) << known;
    EXPECT_EQ(driver().waiting(), 0U);
  }
  EXPECT_EQ(std::get<DriverError>(sinks.back().result()).code, DriverErrorCode::invalid);
  ask("SELECT 2").answer();
  questions->forget();
  ask("SELECT 1").answer();
}

}  // namespace
}  // namespace bytestore::cassandra
