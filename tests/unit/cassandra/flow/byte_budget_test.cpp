#include "cassandra/flow/byte_budget.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// A link that passes so many bytes a second, one request after the other, and answers each after a
/// round trip. The budget is used as much as it allows.
class Link {
 public:
  using Clock = ByteBudget::Clock;

  explicit Link(double rate) : rate_(rate) {}

  void set_rate(double rate) { rate_ = rate; }

  void send(std::size_t bytes) {
    passed_ = std::max(passed_, now) +
              std::chrono::duration_cast<Clock::duration>(
                  std::chrono::duration<double>(static_cast<double>(bytes) / rate_));
    queue_.push_back({budget.sent(bytes, now), bytes, passed_ + kRoundTrip});
  }

  void answer() {
    const Request request = queue_.front();
    queue_.pop_front();
    now = request.due;
    budget.arrived(request.stamp, request.bytes, request.bytes, now);
  }

  /// Sends values of `bytes`, as many as may be in flight, `count` in all.
  void run(int count, std::size_t bytes) {
    for (int sent = 0; sent < count || !queue_.empty();) {
      if (sent < count && (queue_.empty() || budget.has_room())) {
        send(bytes);
        ++sent;
        most_queued = std::max(most_queued, queue_.back().due - now);
      } else {
        answer();
      }
    }
  }

  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }

  ByteBudget budget{{}};
  Clock::time_point now{std::chrono::hours{1}};
  Clock::duration most_queued{};

 private:
  static constexpr milliseconds kRoundTrip{30};

  struct Request {
    ByteBudget::Stamp stamp;
    std::size_t bytes;
    Clock::time_point due;
  };

  double rate_;
  Clock::time_point passed_{};
  std::deque<Request> queue_;
};

TEST(ByteBudgetTest, BeginsWithOneLargeRequestAndManySmallOnes) {
  ByteBudget budget({});
  budget.sent(kMiB, {});
  EXPECT_FALSE(budget.has_room());
  ByteBudget other({});
  for (int i = 0; i < 100; ++i) other.sent(5'000, {});
  EXPECT_TRUE(other.has_room());
}

TEST(ByteBudgetTest, KeepsTheQueueOfASlowLinkShort) {
  for (const double rate : {250'000., 1'000'000., 4'000'000.}) {
    Link link(rate);
    link.run(64, kMiB);
    const std::chrono::duration<double> one_value(kMiB / rate);
    EXPECT_LE(link.most_queued, seconds{2} + one_value * 1.5) << rate;
  }
}

TEST(ByteBudgetTest, KeepsALinkBusy) {
  for (const double rate : {250'000., 1'000'000., 4'000'000., 100'000'000.}) {
    Link link(rate);
    const auto begun = link.now;
    link.run(64, kMiB);
    const std::chrono::duration<double> took = link.now - begun;
    EXPECT_LE(took.count(), 1.05 * 64 * kMiB / rate + 0.2) << rate;
  }
}

TEST(ByteBudgetTest, AFastLinkGetsAllOfItAfterAFewAnswers) {
  Link link(1e9);
  link.run(8, kMiB);
  for (int i = 0; i < 31; ++i) link.send(kMiB);
  EXPECT_TRUE(link.budget.has_room());
}

TEST(ByteBudgetTest, NeverHasMoreThanItsBound) {
  Link link(1e9);
  link.run(100, kMiB);
  for (int i = 0; i < 32; ++i) link.send(kMiB);
  EXPECT_FALSE(link.budget.has_room());
}

TEST(ByteBudgetTest, FollowsALinkThatBecomesSlow) {
  Link link(100e6);
  link.run(64, kMiB);
  link.set_rate(250'000);
  link.run(64, kMiB);
  link.send(kMiB);
  EXPECT_FALSE(link.budget.has_room()) << "one at a time";
}

TEST(ByteBudgetTest, FollowsALinkThatBecomesFast) {
  Link link(250'000);
  link.run(8, kMiB);
  link.set_rate(100e6);
  link.run(20, kMiB);
  for (int i = 0; i < 16; ++i) link.send(kMiB);
  EXPECT_TRUE(link.budget.has_room());
}

TEST(ByteBudgetTest, BytesHaveTimeByTheRateThatIsSeen) {
  Link link(250'000);
  link.send(4 * kMiB);
  EXPECT_GE(link.budget.patience(), seconds{20}) << "before anything is known; it takes 17 s";
  link.answer();
  link.send(4 * kMiB);
  EXPECT_GE(link.budget.patience(), seconds{60}) << "four times what it takes";
  EXPECT_LE(link.budget.patience(), seconds{75});
  link.answer();
  link.send(100);
  EXPECT_LE(link.budget.patience(), milliseconds{10});
}

TEST(ByteBudgetTest, FewBytesTellNothingOfTheLink) {
  Link link(100);
  link.run(100, 10);
  for (int i = 0; i < 3; ++i) link.send(kMiB / 4);
  EXPECT_TRUE(link.budget.has_room());
}

TEST(ByteBudgetTest, WhatIsNotHeldUpDoesNotLowerTheRate) {
  Link link(100e6);
  link.run(64, kMiB);
  link.set_rate(1e6);
  for (int i = 0; i < 100; ++i) {
    link.send(100'000);  // in a tenth of a second each, alone
    link.answer();
  }
  link.set_rate(100e6);
  for (int i = 0; i < 16; ++i) link.send(kMiB);
  EXPECT_TRUE(link.budget.has_room());
}

TEST(ByteBudgetTest, AStormOfTimeoutsHalvesTheRateOnce) {
  Link link(10e6);
  link.run(64, kMiB);
  std::deque<ByteBudget::Stamp> stamps;
  for (int i = 0; i < 8; ++i) stamps.push_back(link.budget.sent(kMiB, link.now));
  link.now += seconds{10};
  for (const auto& stamp : stamps) link.budget.timed_out(stamp, kMiB, link.now);
  for (int i = 0; i < 8; ++i) link.budget.sent(kMiB, link.now);
  EXPECT_TRUE(link.budget.has_room()) << "for 10 MB, half of 20 MB";
  for (int i = 0; i < 3; ++i) link.budget.sent(kMiB, link.now);
  EXPECT_FALSE(link.budget.has_room());
}

TEST(ByteBudgetTest, WhatIsDroppedIsNotInFlight) {
  ByteBudget budget({});
  budget.sent(kMiB, {});
  budget.dropped(kMiB);
  EXPECT_EQ(budget.in_flight(), 0U);
  EXPECT_TRUE(budget.has_room());
}

TEST(ByteBudgetTest, ABurstOfAnswersDoublesTheRateAtMost) {
  ByteBudget budget({});
  auto now = ByteBudget::Clock::time_point(std::chrono::hours{1});
  std::deque<ByteBudget::Stamp> stamps{budget.sent(kMiB, now)};
  budget.arrived(stamps.front(), kMiB, kMiB, now += seconds{1});
  stamps = {budget.sent(kMiB, now), budget.sent(kMiB, now)};
  now += seconds{1};
  budget.arrived(stamps.front(), kMiB, kMiB, now);
  const auto late = budget.sent(1'000, now);
  budget.arrived(stamps.back(), kMiB, kMiB, now += milliseconds{1});
  budget.arrived(late, 1'000, 1'000, now += milliseconds{1});
  for (int i = 0; i < 4; ++i) budget.sent(kMiB, now);
  EXPECT_FALSE(budget.has_room()) << "for two seconds at 2 MiB a second";
}

}  // namespace
}  // namespace bytestore::cassandra
