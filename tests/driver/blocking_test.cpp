// A caller that waits may do the work of the driver.

#include <gtest/gtest.h>
#include <pthread.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include "core/arrival.hpp"
#include "core/blocking_call.hpp"
#include "core/waiting_sink.hpp"
#include "driver_test.hpp"

namespace bytestore::cassandra {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kQuery = "SELECT release_version FROM system.local";
const RequestOptions kOne{.consistency = Consistency::one};

/// One request that is waited for on the thread that makes it.
class WaitedQuery final : public core::BlockingCall, public RowsSink {
 public:
  explicit WaitedQuery(DriverSession& session) : session_(session) {}

  void begin() override { session_.query(kQuery, kOne, *this); }
  [[nodiscard]] bool is_done() noexcept override { return answer_.arrival().has_happened(); }
  void wake_by(std::shared_ptr<const core::Waker> waker) noexcept override {
    answer_.arrival().wake_by(std::move(waker));
  }

  void done(Result<Rows> result) noexcept override {
    answered_on_ = std::this_thread::get_id();
    answer_.done(std::move(result));
  }

  /// Makes it, and returns the thread that was told the answer.
  std::thread::id make() {
    session_.begin_blocking(*this);
    value_of(answer_.wait());
    return answered_on_;
  }

  [[nodiscard]] DriverError wait_for_error() { return error_of(answer_.wait()); }

 private:
  DriverSession& session_;
  core::WaitingSink<Result<Rows>> answer_;
  std::thread::id answered_on_;
};

/// Makes calls until this thread does the work of the driver.
void make_calls_until_driving(DriverSession& session) {
  const auto limit = Clock::now() + std::chrono::minutes{1};
  while (WaitedQuery(session).make() != std::this_thread::get_id()) {
    if (Clock::now() > limit) throw std::runtime_error("no caller does the work of the driver");
  }
}

TEST(BlockingCalls, DoTheWorkOfTheDriverThemselves) {
  const auto session = connected();
  EXPECT_NE(WaitedQuery(*session).make(), std::this_thread::get_id()) << "the first is not alone";
  make_calls_until_driving(*session);
}

TEST(BlockingCalls, LeaveTheWorkToTheThreadsOfADriverThatHasSeveral) {
  CassandraSessionOptions config = server();
  config.worker_threads = 2;
  const auto session = connected(config);
  for (int i = 0; i != 50; ++i) {
    EXPECT_NE(WaitedQuery(*session).make(), std::this_thread::get_id());
  }
}

TEST(BlockingCalls, PassOnWhatTheirBeginningThrows) {
  class Failing final : public core::BlockingCall {
    void begin() override { throw std::runtime_error("no memory"); }
    bool is_done() noexcept override { return false; }
    void wake_by(std::shared_ptr<const core::Waker> /*waker*/) noexcept override {}
  };
  const auto session = connected();
  Failing failing;
  EXPECT_THROW(session->begin_blocking(failing), std::runtime_error);
  make_calls_until_driving(*session);
  EXPECT_THROW(session->begin_blocking(failing), std::runtime_error);
}

TEST(BlockingCalls, AreWokenByWhoeverEndsThem) {
  Proxy proxy = proxied_server();
  auto session = connected(through(proxy));
  make_calls_until_driving(*session);
  proxy.stall();

  /// Its request is never answered; another thread ends it.
  class EndedElsewhere final : public core::BlockingCall {
   public:
    EndedElsewhere(DriverSession& session, core::WaitingSink<Result<Rows>>& never)
        : session_(session), never_(never) {}

    void begin() override {
      session_.query(kQuery, kOne, never_);
      other_ = std::jthread([this] { ending_.happen(); });
    }
    bool is_done() noexcept override { return ending_.has_happened(); }
    void wake_by(std::shared_ptr<const core::Waker> waker) noexcept override {
      ending_.wake_by(std::move(waker));
    }

    void wait() { ending_.wait(); }

   private:
    DriverSession& session_;
    core::WaitingSink<Result<Rows>>& never_;
    core::Arrival ending_;
    std::jthread other_;
  };
  core::WaitingSink<Result<Rows>> never;
  EndedElsewhere call(*session, never);
  session->begin_blocking(call);
  call.wait();
  EXPECT_TRUE(call.is_done());
  session.reset();
  EXPECT_EQ(error_of(never.wait()).code, DriverErrorCode::session_ended);
}

TEST(BlockingCalls, DoTheWorkOfTheDriverForAMomentOnly) {
  Proxy proxy = proxied_server();
  auto session = connected(through(proxy));
  make_calls_until_driving(*session);
  proxy.stall();
  WaitedQuery stalled(*session);
  session->begin_blocking(stalled);
  EXPECT_FALSE(stalled.is_done()) << "nothing answers";
  session.reset();
  EXPECT_EQ(stalled.wait_for_error().code, DriverErrorCode::session_ended);
}

TEST(BlockingCalls, MayBeMadeWhileStaticObjectsAreDestroyed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto run = [] {
    /// It is destroyed after the objects of the thread, and those of the driver are among them.
    class Last {
     public:
      Last() { make_calls_until_driving(*session_); }
      ~Last() {
        for (int i = 0; i != 20; ++i) WaitedQuery(*session_).make();
        std::_Exit(7);
      }

     private:
      std::unique_ptr<DriverSession> session_ = connected();
    };
    static const Last last;
    std::exit(0);
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(7), "");
}

/// Threads whose stacks are chosen seldom have less.
constexpr std::size_t kSmallStack = std::size_t{512} << 10;

TEST(BlockingCalls, NeedLittleStack) {
  struct Run {
    std::unique_ptr<DriverSession> session;
    bool done = false;
  } run{.session = connected()};
  pthread_attr_t small;
  ASSERT_EQ(pthread_attr_init(&small), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&small, kSmallStack), 0);
  pthread_t thread{};
  const auto body = [](void* argument) -> void* {
    auto& in = *static_cast<Run*>(argument);
    make_calls_until_driving(*in.session);
    in.done = true;
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &small, body, &run), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&small);
  EXPECT_TRUE(run.done);
}

}  // namespace
}  // namespace bytestore::cassandra
