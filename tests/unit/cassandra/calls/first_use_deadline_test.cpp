#include <gmock/gmock.h>

#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using ::testing::Each;
using ::testing::Field;
using ::testing::SizeIs;

/// Calls whose deadline passes while what they need first is asked for, and is not answered.
class FirstUseDeadlineTest : public VerbRig {
 protected:
  static constexpr milliseconds kAllowed{100};

  void SetUp() override {
    VerbRig::SetUp();
    // A deadline is one of the real clock.
    timers_.advance(core::Call::Clock::now().time_since_epoch());
    driver().prepares_by_itself = false;
  }

  static CallOptions limited() { return {.deadline = kAllowed}; }

  void set_up() {
    table_ = make_table();
    table_->setup().start();
  }

  void answer_set_up() {
    // That is enough to end it.
    driver().take().fail(failure(DriverErrorCode::unauthorized));
    EXPECT_EQ(driver().waiting(), 0U);
  }

  /// The call ends no sooner than it should, and nothing was sent.
  template <typename Result>
  void expect_timed_out(const KeepingSink<Result>& sink) {
    EXPECT_FALSE(sink.is_done());
    timers_.advance(kAllowed);
    ASSERT_TRUE(sink.is_done());
    EXPECT_THAT(sink.result().failures, SizeIs(3));
    EXPECT_THAT(sink.result().failures, Each(Field(&KeyFailure::code, ErrorCode::timeout)));
    EXPECT_THAT(sink.result().failures, Each(Field(&KeyFailure::outcome, Outcome::failed)));
  }
};

TEST_F(FirstUseDeadlineTest, AReadDoesNotWaitForTheSetUp) {
  set_up();
  mget(limited());
  expect_timed_out(read);
  answer_set_up();
}

TEST_F(FirstUseDeadlineTest, AWriteDoesNotWaitForTheSetUp) {
  set_up();
  mset({{"a", {}}, {"b", {}}, {"c", {}}}, limited());
  expect_timed_out(written);
  answer_set_up();
}

TEST_F(FirstUseDeadlineTest, AReadDoesNotWaitForItsStatement) {
  mget(limited());
  expect_timed_out(read);
  driver().take().answer_prepared();
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(FirstUseDeadlineTest, ADeleteDoesNotWaitForItsStatement) {
  mdelete(limited());
  expect_timed_out(written);
  driver().take().answer_prepared();
  EXPECT_EQ(driver().waiting(), 0U);
}

}  // namespace
}  // namespace bytestore::cassandra
