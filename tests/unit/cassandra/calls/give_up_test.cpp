#include <gmock/gmock.h>

#include "support/errors.hpp"
#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// What becomes of keys where servers are silent, and where they answer others.
class GiveUpTest : public VerbRig {
 protected:
  /// Answers a key every 20 s, `count` of them.
  void answer_slowly(int count) {
    for (int i = 0; i < count; ++i) {
      timers_.advance(seconds{20});
      driver().take().answer();
    }
  }
};

TEST_F(GiveUpTest, KeysThatWaitUnsentEndWithTheSilence) {
  connect({}, fixed(1));
  mdelete();
  const auto sent = driver().take();
  timers_.advance(milliseconds{29'999});
  EXPECT_FALSE(written.is_done());
  timers_.advance(milliseconds{1});
  ASSERT_TRUE(written.is_done());
  ASSERT_THAT(written.result().failures, SizeIs(3));
  EXPECT_EQ(failure_at(0).outcome, Outcome::unknown);
  EXPECT_EQ(failure_at(1).outcome, Outcome::failed);
  EXPECT_EQ(failure_at(2).outcome, Outcome::failed);
  EXPECT_EQ(failure_at(2).code, ErrorCode::timeout);
  EXPECT_THAT(failure_at(2).message, HasSubstr("no server has answered for 30000 ms"));
  sent.answer();
  EXPECT_EQ(driver().waiting(), 0U) << "nothing is sent after the end";
}

TEST_F(GiveUpTest, ACallThatHasSentNothingEndsWithTheSilence) {
  connect({}, fixed(1));
  keys = {"a"};
  mget();
  const auto in_the_way = driver().take();
  timers_.advance(seconds{5});
  mdelete();
  timers_.advance(milliseconds{29'999});
  EXPECT_FALSE(written.is_done());
  timers_.advance(milliseconds{1});
  ASSERT_TRUE(written.is_done());
  EXPECT_EQ(failure_at(0).outcome, Outcome::failed);
  in_the_way.answer();
}

TEST_F(GiveUpTest, KeysThatWaitDoNotAgeWhileAnswersCome) {
  connect({}, fixed(1));
  make_keys(10);
  mdelete();
  answer_slowly(10);
  ASSERT_TRUE(written.is_done());
  EXPECT_THAT(written.result().failures, IsEmpty());
}

TEST_F(GiveUpTest, AnErrorOfAServerIsASignOfLife) {
  connect({}, fixed(1));
  make_keys(10);
  mdelete();
  for (int i = 0; i < 10; ++i) {
    timers_.advance(seconds{20});
    driver().take().fail(failure(DriverErrorCode::invalid));
  }
  ASSERT_THAT(written.result().failures, SizeIs(10));
  EXPECT_EQ(failure_at(9).code, ErrorCode::schema);
}

TEST_F(GiveUpTest, TheSilenceCountsFromTheLastAnswer) {
  connect({}, fixed(1));
  make_keys(10);
  mdelete();
  answer_slowly(2);
  const auto sent = driver().take();
  timers_.advance(milliseconds{29'999});
  EXPECT_FALSE(written.is_done());
  timers_.advance(milliseconds{1});
  ASSERT_THAT(written.result().failures, SizeIs(8));
  EXPECT_EQ(failure_at(0).outcome, Outcome::unknown);
  EXPECT_EQ(failure_at(1).outcome, Outcome::failed);
  sent.answer();
}

TEST_F(GiveUpTest, ASessionThatWasIdleIsNotSilent) {
  keys = {"a"};
  mget();
  driver().take().answer(row("1"));
  timers_.advance(seconds{3'600});
  connect({}, fixed(1));
  mdelete();
  const auto sent = driver().take();
  EXPECT_GE(sent.options.timeout, seconds{10});
  timers_.advance(seconds{29});
  EXPECT_FALSE(written.is_done());
  sent.answer();
}

TEST_F(GiveUpTest, AKeyThatFailsAgainAndAgainEndsAlthoughOthersSucceed) {
  keys = {"bad"};
  mdelete();
  const auto begun = timers_.now();
  while (!written.is_done()) {
    ASSERT_LT(timers_.now() - begun, seconds{31});
    if (driver().waiting() > 0) driver().take().fail(failure(DriverErrorCode::unavailable));
    KeepingSink<core::ReadResult> other;
    const std::vector<std::string_view> good{"good"};
    start_mget(table_, good, call(), other);
    driver().take().answer(row("1"));
    timers_.advance(milliseconds{500});
  }
  EXPECT_GT(timers_.now() - begun, seconds{27});
  EXPECT_EQ(failure_at(0).code, ErrorCode::unavailable);
  EXPECT_EQ(failure_at(0).outcome, Outcome::failed);
}

TEST_F(GiveUpTest, WhereNothingAnswersAllKeysEndTogether) {
  connect({}, fixed(2));
  make_keys(100);
  mdelete();
  const auto begun = timers_.now();
  while (!written.is_done()) {
    ASSERT_LE(timers_.now() - begun, seconds{31});
    timers_.advance(milliseconds{500});
    while (driver().waiting() > 0 && !written.is_done()) {
      driver().take().fail(failure(DriverErrorCode::no_connection, false));
    }
  }
  ASSERT_THAT(written.result().failures, SizeIs(100));
  for (const KeyFailure& key : written.result().failures) {
    EXPECT_EQ(key.outcome, Outcome::failed);
    EXPECT_EQ(key.code, ErrorCode::unavailable);
    EXPECT_THAT(key.message, HasSubstr("no node can be reached"));
  }
}

TEST_F(GiveUpTest, AnAttemptDoesNotOutlastTheSilence) {
  keys = {"a"};
  mdelete();
  timers_.advance(seconds{25});
  driver().take().fail(failure(DriverErrorCode::no_connection, false));
  timers_.advance(milliseconds{100});
  const auto last = driver().take();
  EXPECT_LT(last.options.timeout, seconds{5});
  timers_.advance(seconds{5});
  EXPECT_TRUE(written.is_done());
  last.answer();
}

TEST_F(GiveUpTest, ACallThatWaitsForTheSetUpEndsWithTheSilence) {
  table_ = make_table();
  table_->setup().start();
  mget();
  const auto lookup = driver().take();
  timers_.advance(milliseconds{29'999});
  EXPECT_FALSE(read.is_done());
  timers_.advance(milliseconds{1});
  ASSERT_TRUE(read.is_done());
  EXPECT_THAT(read.result().failures, SizeIs(3));
  lookup.fail(failure(DriverErrorCode::unauthorized));  // ends the set-up
}

TEST_F(GiveUpTest, ACallThatWaitsForAStatementEndsWithTheSilence) {
  driver().prepares_by_itself = false;
  mget();
  const auto prepare = driver().take();
  timers_.advance(milliseconds{29'999});
  EXPECT_FALSE(read.is_done());
  timers_.advance(milliseconds{1});
  ASSERT_TRUE(read.is_done());
  prepare.answer_prepared();
  EXPECT_EQ(driver().waiting(), keys.size()) << "they were sent unprepared";
  while (driver().waiting() > 0) driver().take().answer();
}

}  // namespace
}  // namespace bytestore::cassandra
