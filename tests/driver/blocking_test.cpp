// A caller that waits may do the work of the driver.

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "core/arrival.hpp"
#include "core/blocking_call.hpp"
#include "core/waiting_sink.hpp"
#include "driver_test.hpp"
#include "waited_query.hpp"

namespace bytestore::cassandra {
namespace {

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

}  // namespace
}  // namespace bytestore::cassandra
