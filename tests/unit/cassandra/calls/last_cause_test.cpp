#include <gmock/gmock.h>

#include "cassandra/calls/key_estimate.hpp"
#include "cassandra/calls/key_listing.hpp"
#include "cassandra/table/setup_wait.hpp"
#include "support/errors.hpp"
#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

/// What a limit that ends a call, a step or a set-up says of what was seen before.
class LastCauseTest : public VerbRig {
 protected:
  static constexpr std::string_view kWords = "Cannot achieve consistency level LOCAL_QUORUM";

  void SetUp() override {
    VerbRig::SetUp();
    // Deadlines are of the real clock.
    timers_.advance(core::Call::Clock::now() - timers_.now());
    keys = {"a"};
  }

  static DriverError unavailable() {
    return {.code = DriverErrorCode::unavailable,
            .message = std::string(kWords),
            .maybe_sent = true,
            .received = 1,
            .required = 2};
  }

  static auto names_it() { return AllOf(HasSubstr(kWords), HasSubstr("1 of 2 replicas")); }

  static CallOptions with_a_deadline() { return {.deadline = seconds{10}}; }

  /// Each attempt is answered with the same, until what is asked for is over or `time` has passed.
  template <typename Sink>
  void refuse(const Sink& sink, seconds time = seconds{20}) {
    for (const auto end = timers_.now() + time; timers_.now() < end && !sink.is_done();) {
      while (driver().waiting() > 0) driver().take().fail(unavailable());
      timers_.advance(milliseconds{100});
    }
    while (driver().waiting() > 0) driver().take().fail(unavailable());
  }
};

TEST_F(LastCauseTest, TheDeadlineOfMget) {
  mget(with_a_deadline());
  refuse(read);
  ASSERT_THAT(read.result().failures, SizeIs(1));
  const KeyFailure& key = read.result().failures[0];
  EXPECT_EQ(key.code, ErrorCode::timeout);
  EXPECT_THAT(key.message, AllOf(StartsWith("deadline passed"), names_it()));
}

TEST_F(LastCauseTest, TheDeadlineOfMset) {
  mset({{"a", as_bytes("1")}}, with_a_deadline());
  refuse(written);
  ASSERT_THAT(written.result().failures, SizeIs(1));
  EXPECT_EQ(failure_at(0).outcome, Outcome::failed) << "the words change nothing of the outcome";
  EXPECT_THAT(failure_at(0).message, names_it());
}

TEST_F(LastCauseTest, TheDeadlineOfMdeleteWithAnAttemptInFlight) {
  mdelete(with_a_deadline());
  driver().take().fail(unavailable());
  timers_.advance(milliseconds{100});
  const auto sent = driver().take();
  timers_.advance(seconds{11});
  ASSERT_THAT(written.result().failures, SizeIs(1));
  EXPECT_EQ(failure_at(0).outcome, Outcome::unknown);
  EXPECT_THAT(failure_at(0).message,
              AllOf(StartsWith("the deadline of the call passed before"), names_it()));
  sent.answer();
}

TEST_F(LastCauseTest, KeysThatWereNotSentNameThatOfOthers) {
  connect({}, fixed(1));
  timers_.advance(seconds{0});
  keys = {"a", "b", "c"};
  mdelete(with_a_deadline());
  driver().take().fail(unavailable());
  const auto sent = driver().take();
  timers_.advance(seconds{11});
  ASSERT_THAT(written.result().failures, SizeIs(3));
  EXPECT_EQ(failure_at(2).outcome, Outcome::failed);
  EXPECT_THAT(failure_at(2).message, names_it());
  sent.answer();
}

TEST_F(LastCauseTest, ACancelledCall) {
  std::stop_source stop;
  mdelete({.stop = stop.get_token()});
  driver().take().fail(unavailable());
  stop.request_stop();
  EXPECT_EQ(failure_at(0).code, ErrorCode::cancelled);
  EXPECT_THAT(failure_at(0).message, names_it());
}

TEST_F(LastCauseTest, NothingIsAddedWhereNothingFailed) {
  mdelete(with_a_deadline());
  const auto sent = driver().take();
  timers_.advance(seconds{11});
  EXPECT_THAT(failure_at(0).message, Not(HasSubstr("[")));
  sent.answer();
}

TEST_F(LastCauseTest, AnAttemptThatWasCutShortHidesNothing) {
  mdelete();
  timers_.advance(seconds{25});
  driver().take().fail(unavailable());
  timers_.advance(milliseconds{100});
  // Silence from here on: this attempt has less than its time before the key is given up.
  timers_.advance(seconds{22});
  driver().take().fail(unavailable());
  timers_.advance(seconds{1});
  const auto last = driver().take();
  ASSERT_LT(last.options.timeout, seconds{10});
  last.fail({.code = DriverErrorCode::attempt_timeout,
             .message = "no answer within 1 ms",
             .maybe_sent = true});
  timers_.advance(seconds{30});
  ASSERT_THAT(written.result().failures, SizeIs(1));
  EXPECT_EQ(failure_at(0).outcome, Outcome::unknown);
  EXPECT_EQ(failure_at(0).code, ErrorCode::unavailable);
  EXPECT_THAT(failure_at(0).message, AllOf(names_it(), Not(HasSubstr("1 ms"))));
}

TEST_F(LastCauseTest, ACallThatWaitsForTheSetUp) {
  table_ = make_table();
  table_->setup().start();
  mget(with_a_deadline());
  refuse(read);
  ASSERT_THAT(read.result().failures, SizeIs(1));
  EXPECT_EQ(read.result().failures[0].code, ErrorCode::timeout);
  EXPECT_THAT(read.result().failures[0].message,
              AllOf(HasSubstr("setting up the table"), names_it()));
  table_->setup().skip();
}

TEST_F(LastCauseTest, ACallThatWaitsForAStatement) {
  driver().prepares_by_itself = false;
  mget(with_a_deadline());
  refuse(read);
  ASSERT_THAT(read.result().failures, SizeIs(1));
  EXPECT_THAT(read.result().failures[0].message, AllOf(HasSubstr("preparing SELECT"), names_it()));
  timers_.advance(seconds{5});
  driver().take().answer_prepared();  // else it would be tried on after the test
}

TEST_F(LastCauseTest, WhoeverStopsWaitingForTheSetUp) {
  table_ = make_table();
  table_->setup().start();
  std::stop_source stop;
  KeepingSink<TableSetup::Outcome> sink;
  SetupWait::start(table_->setup(), call({.stop = stop.get_token()}), sink);
  driver().take().fail(unavailable());
  stop.request_stop();
  ASSERT_TRUE(sink.is_done());
  EXPECT_THAT(sink.result()->what(), names_it());
  table_->setup().skip();
}

TEST_F(LastCauseTest, ASetUpThatIsGivenUp) {
  table_ = make_table();
  table_->setup().start();
  KeepingSink<TableSetup::Outcome> sink;
  table_->setup().when_done([&](const TableSetup::Outcome& outcome) { sink.done(outcome); });
  driver().take().fail(unavailable());
  timers_.advance(seconds{25});
  const auto last = driver().take();
  EXPECT_LE(last.options.timeout, seconds{5}) << "it ends with the giving up";
  timers_.advance(seconds{5});
  last.fail({.code = DriverErrorCode::attempt_timeout,
             .message = "no answer within 1 ms",
             .maybe_sent = true});
  ASSERT_TRUE(sink.is_done());
  ASSERT_TRUE(sink.result());
  EXPECT_EQ(sink.result()->code(), ErrorCode::unavailable);
  EXPECT_THAT(sink.result()->what(), names_it());
}

TEST_F(LastCauseTest, AListingThatIsStopped) {
  KeyListing scan(table_, "", "");
  std::stop_source stop;
  KeepingSink<core::PageResult> page;
  scan.next_page(call({.stop = stop.get_token()}), page);
  while (driver().waiting() > 0) driver().take().fail(unavailable());
  stop.request_stop();
  ASSERT_TRUE(page.is_done());
  EXPECT_EQ(page.result().error->code(), ErrorCode::cancelled);
  EXPECT_THAT(page.result().error->what(), names_it());
}

TEST_F(LastCauseTest, AListingThatWaitsBehindASilentWindow) {
  connect({}, fixed(1));
  mget();
  const auto in_the_way = driver().take();
  KeyListing scan(table_, "", "");
  KeepingSink<core::PageResult> page;
  scan.next_page(call(), page);
  timers_.advance(milliseconds{29'999});
  EXPECT_FALSE(page.is_done());
  timers_.advance(milliseconds{1});
  ASSERT_TRUE(page.is_done());
  EXPECT_EQ(page.result().error->code(), ErrorCode::timeout);
  EXPECT_THAT(page.result().error->what(), HasSubstr("no server has answered for 30000 ms"));
  in_the_way.answer();
}

TEST_F(LastCauseTest, AListingThatWaitsForAStatement) {
  driver().prepares_by_itself = false;
  KeyListing scan(table_, "", "");
  KeepingSink<core::PageResult> page;
  scan.next_page(call(), page);
  driver().take().fail({.code = DriverErrorCode::no_connection,
                        .message = std::string(kWords),
                        .received = 1,
                        .required = 2});
  timers_.advance(milliseconds{100});
  const auto prepare = driver().take();
  timers_.advance(seconds{30});
  ASSERT_TRUE(page.is_done());
  EXPECT_EQ(page.result().error->code(), ErrorCode::unavailable);
  EXPECT_THAT(page.result().error->what(), AllOf(HasSubstr("no server has answered"), names_it()));
  prepare.answer_prepared();
  while (driver().waiting() > 0) driver().take().answer();
}

TEST_F(LastCauseTest, AnEstimateThatWaitsForTheSetUp) {
  table_ = make_table();
  table_->setup().start();
  KeepingSink<core::EstimateResult> sink;
  KeyEstimate::start(table_, call(with_a_deadline()), sink);
  refuse(sink);
  ASSERT_TRUE(sink.is_done());
  EXPECT_EQ(sink.result().error->code(), ErrorCode::timeout);
  EXPECT_THAT(sink.result().error->what(), names_it());
  table_->setup().skip();
}

TEST_F(LastCauseTest, AnEstimateThatIsNotAnsweredInTime) {
  driver().ring.known.push_back(
      {.id = {1, 1}, .address = "127.0.0.1", .datacenter = "datacenter1", .connected = true});
  KeepingSink<core::EstimateResult> sink;
  KeyEstimate::start(table_, call({.deadline = seconds{5}}), sink);
  driver().take().fail({.code = DriverErrorCode::attempt_timeout,
                        .message = "no answer within 1 ms",
                        .maybe_sent = true});
  ASSERT_TRUE(sink.is_done());
  EXPECT_THAT(sink.result().error->what(), HasSubstr("deadline passed"));
}

}  // namespace
}  // namespace bytestore::cassandra
