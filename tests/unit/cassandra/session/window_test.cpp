#include "cassandra/session/window.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "unit/support/fixed_window.hpp"

namespace bytestore::cassandra {
namespace {

/// Sends `left` requests, and writes its name down for each.
class Named final : public Window::Sender {
 public:
  Named(std::string name, int requests, std::string& log)
      : left(requests), name_(std::move(name)), log_(log) {}

  Window::SendResult send_one() noexcept override {
    if (left == 0) return {.sent = false, .more = false};
    log_ += name_;
    --left;
    return {.sent = true, .more = left > 0};
  }

  int left;

 private:
  std::string name_;
  std::string& log_;
};

void want(Window& window, std::shared_ptr<Window::Sender> sender) {
  if (window.queue(std::move(sender))) window.send();
}

TEST(WindowTest, BoundsWhatIsInFlight) {
  std::string log;
  Window window(fixed(3));
  want(window, std::make_shared<Named>("a", 5, log));
  EXPECT_EQ(log, "aaa");
  window.release({});
  EXPECT_EQ(log, "aaaa");
  window.release({});
  window.release({});
  window.release({});
  EXPECT_EQ(log, "aaaaa");
}

TEST(WindowTest, SendersTakeTurnsInTheirOrder) {
  std::string log;
  Window window(fixed(1));
  want(window, std::make_shared<Named>("a", 4, log));
  want(window, std::make_shared<Named>("b", 2, log));
  want(window, std::make_shared<Named>("c", 1, log));
  for (int i = 0; i < 7; ++i) window.release({});
  EXPECT_EQ(log, "aabcaba");
}

TEST(WindowTest, APlaceThatIsNotTakenGoesToTheNext) {
  std::string log;
  Window window(fixed(1));
  want(window, std::make_shared<Named>("a", 1, log));
  const auto nothing_left = std::make_shared<Named>("b", 0, log);
  want(window, nothing_left);
  want(window, std::make_shared<Named>("c", 1, log));
  window.release({});
  EXPECT_EQ(log, "ac");
}

TEST(WindowTest, ASenderIsQueuedOnce) {
  std::string log;
  Window window(fixed(1));
  const auto busy = std::make_shared<Named>("x", 1, log);
  want(window, busy);
  const auto sender = std::make_shared<Named>("a", 3, log);
  want(window, sender);
  want(window, sender);
  want(window, std::make_shared<Named>("b", 1, log));
  for (int i = 0; i < 4; ++i) window.release({});
  EXPECT_EQ(log, "xabaa");
}

TEST(WindowTest, TellsWhetherSomebodyMustSend) {
  std::string log;
  Window window(fixed(1));
  EXPECT_TRUE(window.queue(std::make_shared<Named>("a", 1, log)));
  window.send();
  EXPECT_FALSE(window.queue(std::make_shared<Named>("b", 1, log)));
  window.release({});
  EXPECT_EQ(log, "ab");
}

TEST(WindowTest, ASenderThatIsDoneIsLetGo) {
  std::string log;
  Window window(fixed(1));
  auto sender = std::make_shared<Named>("a", 1, log);
  const std::weak_ptr<Named> weak = sender;
  want(window, std::move(sender));
  EXPECT_TRUE(weak.expired());
}

TEST(WindowTest, GrowsAgainAfterItWasHalved) {
  using Kind = Window::Completion::Kind;
  std::string log;
  Window window(WindowBounds{});
  const auto before = window.load().limit;
  want(window, std::make_shared<Named>("a", 10'000, log));
  window.release({.kind = Kind::congested});
  EXPECT_EQ(window.load().limit, before / 2);
  for (int i = 0; i < 5'000; ++i) {
    window.release({.kind = Kind::good, .latency = std::chrono::milliseconds{1}});
  }
  EXPECT_GT(window.load().limit, before);
  EXPECT_EQ(window.load().in_flight, window.load().limit);
}

/// Its requests are done before `send_one` returns.
class Instant final : public Window::Sender {
 public:
  Instant(Window& window, int requests) : left_(requests), window_(window) {}

  Window::SendResult send_one() noexcept override {
    EXPECT_EQ(++depth_, 1);
    --left_;
    window_.release({});
    --depth_;
    return {.sent = true, .more = left_ > 0};
  }

  [[nodiscard]] int left() const { return left_; }

 private:
  int depth_ = 0;
  int left_;
  Window& window_;
};

TEST(WindowTest, RequestsThatAreDoneAtOnceDoNotNest) {
  Window window(fixed(2));
  const auto sender = std::make_shared<Instant>(window, 100'000);
  want(window, sender);
  EXPECT_EQ(sender->left(), 0);
}

/// Counts what is in flight over all senders; another thread gives the places back.
class Counted final : public Window::Sender {
 public:
  Counted(int requests, std::atomic<int>& in_flight, std::atomic<int>& most)
      : left_(requests), in_flight_(in_flight), most_(most) {}

  Window::SendResult send_one() noexcept override {
    const int left = --left_;
    if (left < 0) return {.sent = false, .more = false};
    const int now = ++in_flight_;
    for (int known = most_; known < now && !most_.compare_exchange_weak(known, now);) {
    }
    return {.sent = true, .more = left > 0};
  }

 private:
  std::atomic<int> left_;
  std::atomic<int>& in_flight_;
  std::atomic<int>& most_;
};

TEST(WindowTest, HoldsAcrossThreads) {
  constexpr int kSenders = 8;
  constexpr int kRequests = 2'000;
  Window window(fixed(16));
  std::atomic<int> in_flight{0};
  std::atomic<int> most{0};
  std::atomic<int> done{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < kSenders; ++i) {
    threads.emplace_back(
        [&] { want(window, std::make_shared<Counted>(kRequests, in_flight, most)); });
  }
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (done < kSenders * kRequests) {
        int known = in_flight;
        if (known == 0 || !in_flight.compare_exchange_weak(known, known - 1)) {
          std::this_thread::yield();
          continue;
        }
        ++done;
        window.release({});
      }
    });
  }
  threads.clear();
  EXPECT_EQ(done, kSenders * kRequests);
  EXPECT_LE(most, 16);
}

}  // namespace
}  // namespace bytestore::cassandra
