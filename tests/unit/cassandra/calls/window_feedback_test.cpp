#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::seconds;

/// In the middle of a call that the window holds up.
class WindowFeedbackTest : public VerbRig {
 protected:
  void SetUp() override {
    VerbRig::SetUp();
    connect({}, {.start = 32, .least = 8, .most = 512});
    make_keys(100);
    mdelete();
  }
};

TEST_F(WindowFeedbackTest, OverloadNarrowsTheWindow) {
  driver().take().fail(failure(DriverErrorCode::overloaded));
  EXPECT_EQ(session_->window().load().limit, 16U);
  while (driver().waiting() > 0) driver().take().answer();
  timers_.advance(seconds{1});
  while (driver().waiting() > 0) driver().take().answer();
  EXPECT_TRUE(written.is_done());
}

TEST_F(WindowFeedbackTest, AnswersWidenTheWindow) {
  for (int i = 0; i < 8; ++i) driver().take().answer();
  EXPECT_EQ(session_->window().load().limit, 40U);
  EXPECT_EQ(driver().waiting(), 40U);
  while (driver().waiting() > 0) driver().take().answer();
}

TEST_F(WindowFeedbackTest, OtherErrorsLeaveTheWindow) {
  driver().take().fail(failure(DriverErrorCode::unauthorized));
  EXPECT_EQ(session_->window().load().limit, 32U);
  while (driver().waiting() > 0) driver().take().answer();
}

}  // namespace
}  // namespace bytestore::cassandra
