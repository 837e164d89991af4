/// How a store ends while its backend holds requests up, or fails to close.

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>

#include "bytestore/async.hpp"
#include "bytestore/detail/while_waiting.hpp"
#include "support/errors.hpp"
#include "support/in_child.hpp"
#include "support/values.hpp"
#include "unit/support/scripted_backend.hpp"

namespace bytestore {
namespace {

using boost::asio::use_future;
using std::chrono::milliseconds;
using testing::batch_error_of;
using testing::code_of;
using testing::Script;
using testing::ScriptedStore;
using testing::text;
using testing::Turnstile;

/// A store whose writes are held up by a turnstile.
class ClosingStore : public ::testing::Test {
 protected:
  ClosingStore() {
    script_.mset = [this](Script::Entries entries, const core::Call& call, auto& sink) {
      turnstile_.hold(call, [this, entries, &call, &sink] {
        auto result = testing::write_result(entries, call);
        note("request");
        sink.done(std::move(result));
      });
    };
    script_.close = [this] { note("backend"); };
  }

  void note(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }

  /// Waits until new calls are refused.
  void wait_until_shut() {
    for (;;) {
      try {
        store_->mget({"a"});
      } catch (const Error&) {
        return;
      }
      std::this_thread::yield();
    }
  }

  Script script_;
  std::mutex mutex_;
  std::vector<std::string> events_;
  Turnstile turnstile_;
  std::unique_ptr<ByteStore> store_ = std::make_unique<ScriptedStore>(script_);
};

// As a signal handler of Python does, which runs on the thread that waits.
TEST_F(ClosingStore, MayBeClosedByWhatABlockingVerbLooksAtWhileItWaits) {
  const detail::WhileWaiting watch([&] { store_->aclose(milliseconds{0}, use_future).get(); });
  EXPECT_EQ(batch_error_of([&] { store_->mset({{"a", text("1")}}); }).code(), ErrorCode::cancelled);
  EXPECT_EQ(script_.closes, 1);
}

TEST_F(ClosingStore, WaitsForARequestInFlightAndThenReleasesTheBackend) {
  auto write = store_->amset({{"a", text("1")}}, use_future);
  turnstile_.wait_until_held(1);
  {
    std::jthread closing([&] {
      store_->close(milliseconds::max());
      note("closed");
    });
    wait_until_shut();
    EXPECT_EQ(script_.closes, 0);
    turnstile_.open();
  }
  EXPECT_NO_THROW(write.get());
  EXPECT_EQ(events_, (std::vector<std::string>{"request", "backend", "closed"}));
}

TEST_F(ClosingStore, InterruptsWhatIsInFlightAfterItsDeadline) {
  auto write = store_->amset({{"a", text("1")}}, use_future);
  turnstile_.wait_until_held(1);
  store_->close(milliseconds{0});
  EXPECT_EQ(batch_error_of([&] { write.get(); }).code(), ErrorCode::cancelled);
  EXPECT_EQ(events_, (std::vector<std::string>{"request", "backend"}));
}

TEST_F(ClosingStore, AsynchronouslyWaitsForARequestInFlight) {
  auto write = store_->amset({{"a", text("1")}}, use_future);
  turnstile_.wait_until_held(1);
  auto closed = store_->aclose(milliseconds::max(), use_future);
  wait_until_shut();
  EXPECT_EQ(script_.closes, 0);
  turnstile_.open();
  closed.get();
  EXPECT_NO_THROW(write.get());
  EXPECT_EQ(events_, (std::vector<std::string>{"request", "backend"}));
}

TEST_F(ClosingStore, AsynchronouslyInterruptsAfterItsDeadline) {
  auto write = store_->amset({{"a", text("1")}}, use_future);
  turnstile_.wait_until_held(1);
  store_->aclose(milliseconds{0}, use_future).get();
  EXPECT_EQ(batch_error_of([&] { write.get(); }).code(), ErrorCode::cancelled);
}

TEST_F(ClosingStore, DestructorInterruptsAndWaits) {
  auto write = store_->amset({{"a", text("1")}}, use_future);
  turnstile_.wait_until_held(1);
  store_.reset();
  EXPECT_EQ(events_, (std::vector<std::string>{"request", "backend"}));
  EXPECT_EQ(batch_error_of([&] { write.get(); }).code(), ErrorCode::cancelled);
}

TEST_F(ClosingStore, DestructorDoesNotWaitForHandlers) {
  turnstile_.open();
  std::promise<void> may_end;
  std::promise<void> ended;
  store_->amset({{"a", text("1")}}, [&](const std::exception_ptr&) {
    may_end.get_future().get();
    ended.set_value();
  });
  store_.reset();
  may_end.set_value();
  EXPECT_NO_THROW(ended.get_future().get());
}

TEST_F(ClosingStore, DestructorAfterAcloseDoesNotEndItTwice) {
  store_->amset({{"a", text("1")}}, boost::asio::detached);
  turnstile_.wait_until_held(1);
  auto closed = store_->aclose(milliseconds::max(), use_future);
  store_.reset();
  closed.get();
  EXPECT_EQ(script_.closes, 1);
}

TEST_F(ClosingStore, ReleasesTheBackendOnceAlsoIfThatFails) {
  script_.close = [] { throw Error(ErrorCode::io, "the disk is full"); };
  EXPECT_EQ(code_of([&] { store_->close(); }), ErrorCode::io);
  EXPECT_NO_THROW(store_->close());
  EXPECT_NO_THROW(store_->aclose(use_future).get());
  EXPECT_NO_THROW(store_.reset());
  EXPECT_EQ(script_.closes, 1);
}

TEST_F(ClosingStore, AsynchronouslySaysThatReleasingFailed) {
  script_.close = [] { throw Error(ErrorCode::io, "the disk is full"); };
  EXPECT_EQ(code_of([&] { store_->aclose(use_future).get(); }), ErrorCode::io);
  EXPECT_NO_THROW(store_.reset());
  EXPECT_EQ(script_.closes, 1);
}

TEST_F(ClosingStore, DestructorSwallowsThatReleasingFailed) {
  script_.close = [] { throw Error(ErrorCode::io, "the disk is full"); };
  EXPECT_NO_THROW(store_.reset());
  EXPECT_EQ(script_.closes, 1);
}

TEST_F(ClosingStore, AForkWhileAnotherThreadClosesDoesNotHangTheChild) {
  auto write = store_->amset({{"a", text("1")}}, use_future);
  turnstile_.wait_until_held(1);
  {
    std::jthread closing([&] { store_->close(milliseconds::max()); });
    wait_until_shut();
    EXPECT_EQ(testing::in_child([&] {
                const auto outcome = testing::outcome_of([&] { store_->mget({"a"}); });
                store_.reset();
                return outcome + ", destroyed";
              }),
              "unavailable, destroyed");
    turnstile_.open();
  }
  EXPECT_NO_THROW(write.get());
}

}  // namespace
}  // namespace bytestore
