#include "cassandra/session/event_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

TEST_F(EventLogTest, AnErrorOfTheLogIsNobodysElse) {
  EventLog failing([](std::string_view) { throw std::runtime_error("the log is full"); },
                   [](const std::function<void()>& tell) { tell(); });
  failing.report(Event::retry, now_, [] { return std::string("one"); });
  EXPECT_EQ(failing.count(Event::retry), 1U);
}

TEST_F(EventLogTest, WithoutALogEventsAreOnlyCounted) {
  EventLog silent(nullptr, [](const std::function<void()>& tell) { tell(); });
  silent.report(Event::retry, now_, []() -> std::string {
    ADD_FAILURE() << "nobody listens";
    return {};
  });
  EXPECT_EQ(silent.count(Event::retry), 1U);
}

}  // namespace
}  // namespace bytestore::cassandra
