#include "cassandra/table/server_check.hpp"

#include <gmock/gmock.h>

#include <vector>

#include "unit/support/table_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ServerCheckTest : public TableRig {
 protected:
  void SetUp() override {
    TableRig::SetUp();
    check = std::make_shared<ServerCheck>(
        table_->access(), "asking",
        [this](const std::shared_ptr<Querier>&, milliseconds timeout, RefusalSink& sink) {
          asked.push_back(&sink);
          timeouts.push_back(timeout);
        });
  }

  void get() {
    check->get([this](const Refusal& refusal) { answers.push_back(refusal); });
  }

  /// Answers the newest question.
  void answer(Result<Refusal> result) { asked.back()->done(std::move(result)); }

  std::shared_ptr<ServerCheck> check;
  std::vector<RefusalSink*> asked;
  std::vector<milliseconds> timeouts;
  std::vector<Refusal> answers;
};

TEST_F(ServerCheckTest, IsAskedOnceForAllWhoWaitAndNotAgainOncePassed) {
  get();
  get();
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_THAT(answers, SizeIs(0));
  answer(Refusal());
  EXPECT_THAT(answers, SizeIs(2));
  get();
  EXPECT_THAT(asked, SizeIs(1));
  EXPECT_THAT(answers, SizeIs(3));
  for (const auto& refusal : answers) EXPECT_FALSE(refusal);
}

TEST_F(ServerCheckTest, IsAskedAgainAfterARefusal) {
  get();
  answer(Error(ErrorCode::schema, "no"));
  EXPECT_EQ(answers.back()->code(), ErrorCode::schema);
  get();
  ASSERT_THAT(asked, SizeIs(2));
  answer(Refusal());
  EXPECT_FALSE(answers.back());
}

TEST_F(ServerCheckTest, AttemptsThatFailAreRepeatedForAWhile) {
  get();
  answer(refused(DriverErrorCode::no_connection));
  EXPECT_THAT(answers, SizeIs(0));
  timers_.advance(seconds{1});
  ASSERT_THAT(asked, SizeIs(2));
  for (int second = 0; second < 60 && answers.empty(); ++second) {
    answer(refused(DriverErrorCode::no_connection));
    timers_.advance(seconds{10});
  }
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers.back()->code(), ErrorCode::unavailable);
  EXPECT_EQ(session_->log().count(Event::retry), asked.size() - 1);
}

TEST_F(ServerCheckTest, AnAttemptHasItsTimeButDoesNotOutlastTheGivingUp) {
  get();
  timers_.advance(seconds{10});
  answer(refused(DriverErrorCode::attempt_timeout, "no answer within 10000 ms"));
  timers_.advance(seconds{15});
  answer(refused(DriverErrorCode::no_connection, "nobody listens"));
  timers_.advance(seconds{1});
  ASSERT_THAT(timeouts, SizeIs(3));
  EXPECT_EQ(timeouts[0], seconds{10});
  EXPECT_LE(timeouts[2], seconds{4});
  timers_.advance(timeouts[2]);
  answer(refused(DriverErrorCode::attempt_timeout, "no answer within 4000 ms"));
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers.back()->code(), ErrorCode::unavailable);
  EXPECT_THAT(answers.back()->what(), HasSubstr("nobody listens"))
      << "what was cut short hides nothing";
}

TEST_F(ServerCheckTest, EndsWithItsStore) {
  table_->close();
  get();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers.back()->code(), ErrorCode::cancelled);
}

/// A check whose answer may change.
class RenewedCheckTest : public ServerCheckTest {
 protected:
  void SetUp() override {
    ServerCheckTest::SetUp();
    check = std::make_shared<ServerCheck>(
        table_->access(), "asking",
        [this](const std::shared_ptr<Querier>&, milliseconds, RefusalSink& sink) {
          asked.push_back(&sink);
        },
        ServerCheck::Validity{.renewed_after = seconds{5}, .trusted_for = seconds{30}});
    get();
    answer(Refusal());
    answers.clear();
  }
};

TEST_F(RenewedCheckTest, IsNotAskedWhileItIsFresh) {
  timers_.advance(milliseconds{4'999});
  EXPECT_TRUE(check->has_passed());
  get();
  EXPECT_THAT(answers, SizeIs(1));
  EXPECT_THAT(asked, SizeIs(1));
}

TEST_F(RenewedCheckTest, IsAskedAnewBesideThoseWhoUseIt) {
  timers_.advance(seconds{5});
  EXPECT_FALSE(check->has_passed());
  get();
  get();
  EXPECT_THAT(answers, SizeIs(2)) << "nobody waits";
  EXPECT_THAT(asked, SizeIs(2)) << "once";
  answer(Refusal());
  timers_.advance(milliseconds{4'999});
  EXPECT_TRUE(check->has_passed());
  EXPECT_THAT(answers, SizeIs(2));
}

TEST_F(RenewedCheckTest, IsRefusedOnceTheAnswerIsAnother) {
  timers_.advance(seconds{5});
  get();
  answer(Error(ErrorCode::unauthorized, "masked"));
  EXPECT_FALSE(answers.back());
  get();
  answer(Error(ErrorCode::unauthorized, "masked"));
  EXPECT_EQ(answers.back()->code(), ErrorCode::unauthorized);
  get();
  answer(Refusal());
  EXPECT_FALSE(answers.back());
  EXPECT_TRUE(check->has_passed());
}

TEST_F(RenewedCheckTest, IsWaitedForAfterALongTime) {
  timers_.advance(seconds{30});
  get();
  EXPECT_THAT(answers, SizeIs(0));
  answer(Error(ErrorCode::unauthorized, "masked"));
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers.back()->code(), ErrorCode::unauthorized);
}

TEST_F(RenewedCheckTest, HoldsWhereItCannotBeAskedAnew) {
  for (const auto since : {seconds{5}, seconds{30}}) {
    timers_.advance(since);
    get();
    answer(refused(DriverErrorCode::no_connection));
    EXPECT_FALSE(answers.back());
    EXPECT_TRUE(check->has_passed());
  }
  EXPECT_THAT(asked, SizeIs(3)) << "each once";
}

TEST_F(RenewedCheckTest, IsAskedAtOnceIfItIsDistrusted) {
  check->distrust();
  EXPECT_FALSE(check->has_passed());
  get();
  EXPECT_THAT(answers, SizeIs(0));
  answer(Error(ErrorCode::unauthorized, "masked"));
  EXPECT_EQ(answers.back()->code(), ErrorCode::unauthorized);
}

TEST_F(RenewedCheckTest, WhatWasAskedBeforeItWasDistrustedIsNoAnswer) {
  timers_.advance(seconds{5});
  get();
  answers.clear();
  check->distrust();
  get();
  answer(Refusal());
  EXPECT_THAT(answers, SizeIs(0));
  ASSERT_THAT(asked, SizeIs(3));
  answer(Error(ErrorCode::unauthorized, "masked"));
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers.back()->code(), ErrorCode::unauthorized);
}

}  // namespace
}  // namespace bytestore::cassandra
