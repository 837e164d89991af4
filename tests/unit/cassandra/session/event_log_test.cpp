#include "cassandra/session/event_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cassandra/session/connect.hpp"
#include "support/kept_log.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class EventLogTest : public ::testing::Test {
 protected:
  void report(Event event, const std::string& message) {
    log_.report(event, now_, [&] { return message; });
  }

  std::vector<std::string> told_;
  std::vector<std::function<void()>> elsewhere_;
  core::Timer::Clock::time_point now_{std::chrono::hours{1}};
  EventLog log_{[this](std::string_view message) { told_.emplace_back(message); },
                [this](std::function<void()> tell) { elsewhere_.push_back(std::move(tell)); }};
};

TEST_F(EventLogTest, TellsElsewhere) {
  report(Event::retry, "one");
  EXPECT_THAT(told_, IsEmpty());
  elsewhere_.at(0)();
  EXPECT_THAT(told_, ElementsAre("one"));
}

TEST_F(EventLogTest, TellsOfAKindOnceASecondAndHowManyWereLeftOut) {
  report(Event::retry, "one");
  for (int i = 0; i < 3; ++i) report(Event::retry, "more");
  report(Event::server_warning, "another kind");
  now_ += seconds{1};
  report(Event::retry, "two");
  now_ += milliseconds{999};
  report(Event::retry, "too soon");
  for (const auto& tell : elsewhere_) tell();
  EXPECT_THAT(told_,
              ElementsAre("one", "another kind", "two (3 more like this since the last one)"));
  EXPECT_EQ(log_.count(Event::retry), 6U);
  EXPECT_EQ(log_.count(Event::server_warning), 1U);
}

/// What is said on the standard error while `log` is told of a thing of each kind, twice.
std::string said_of(const LogCallback& log) {
  EventLog failing(log, [](const std::function<void()>& tell) { tell(); });
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 2; ++i) {
    const core::Timer::Clock::time_point now{std::chrono::hours{i}};
    failing.report(Event::retry, now, [] { return std::string("the message"); });
    failing.report(Event::clock, now, [] { return std::string("the message"); });
  }
  EXPECT_EQ(failing.count(Event::retry), 2U);
  return ::testing::internal::GetCapturedStderr();
}

TEST(FailingLogTest, IsToldOfOnceWhateverItThrows) {
  int calls = 0;
  const auto full = said_of([&](std::string_view) {
    ++calls;
    throw std::runtime_error("the log is full");
  });
  EXPECT_EQ(calls, 4) << "it goes on to get messages";
  EXPECT_THAT(full, AllOf(StartsWith("bytestore: the log callback"),
                          EndsWith("are not reported: the log is full\n")));
  EXPECT_EQ(std::ranges::count(full, '\n'), 1);

  const auto number = said_of([](std::string_view) { throw 7; });
  EXPECT_THAT(number, EndsWith("what it threw is no std::exception\n"));
  EXPECT_EQ(std::ranges::count(number, '\n'), 1);

  struct Anything {};
  EXPECT_EQ(said_of([](std::string_view) { throw Anything(); }), number);
}

TEST(FailingLogTest, IsToldOfForEachSession) {
  const auto fail = [](std::string_view) { throw 7; };
  EXPECT_EQ(said_of(fail), said_of(fail));
}

TEST_F(EventLogTest, AMessageForWhichThereIsNoMemoryIsCounted) {
  log_.report(Event::retry, now_, []() -> std::string { throw std::bad_alloc(); });
  now_ += seconds{1};
  report(Event::retry, "two");
  elsewhere_.at(0)();
  EXPECT_THAT(told_, ElementsAre("two (1 more like this since the last one)"));
}

TEST_F(EventLogTest, WithoutALogEventsAreOnlyCounted) {
  EventLog silent(nullptr, [](const std::function<void()>& tell) { tell(); });
  silent.report(Event::retry, now_, []() -> std::string {
    ADD_FAILURE() << "nobody listens";
    return {};
  });
  EXPECT_EQ(silent.count(Event::retry), 1U);
}

TEST(DriverReport, IsToldToTheLogAsAKindOfItsOwn) {
  const auto log = std::make_shared<testing::KeptLog>();
  CassandraSessionOptions options{.contact_points = {"a"}};
  options.log = [log](std::string_view message) { log->add(message); };
  const auto connector = [](const CassandraSessionOptions&, SessionSink& sink,
                            const DriverReport& report) {
    report(DriverReportKind::connections, "a node");
    report(DriverReportKind::credentials, "a password");
    sink.done(DriverError{});
    return AbortConnecting{};
  };
  start_connecting(options, [](const ConnectResult&) {}, connector);
  EXPECT_EQ(log->first(), "a node");
  EXPECT_EQ(log->second(), "a password") << "in the same second";
}

}  // namespace
}  // namespace bytestore::cassandra
