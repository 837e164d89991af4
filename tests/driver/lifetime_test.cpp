// The rules of the bridge's lifetime.

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "bytestore/memory_byte_store.hpp"
#include "core/runtime.hpp"
#include "driver_test.hpp"
#include "support/in_child.hpp"
#include "support/threads.hpp"

namespace bytestore::cassandra {
namespace {

using testing::in_child;
using testing::outcome_of;
using testing::threads;
using testing::threads_return_to;

/// Lets one thread wait until others have counted down. May be destroyed when `wait` returns.
class Countdown {
 public:
  explicit Countdown(int count) : left_(count) {}

  void one() {
    const std::lock_guard lock(mutex_);
    if (--left_ <= 0) none_left_.notify_all();
  }

  /// Returns how many were counted too many.
  int wait() {
    std::unique_lock lock(mutex_);
    none_left_.wait(lock, [this] { return left_ <= 0; });
    return -left_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_left_;
  int left_;
};

/// Runs a function when it gets its result.
template <typename T>
class Then final : public core::Sink<Result<T>> {
 public:
  explicit Then(std::function<void(Result<T>)> action) : action_(std::move(action)) {}

  void done(Result<T> result) noexcept override {
    action_(std::move(result));
    done_.one();
  }

  void wait() { done_.wait(); }

 private:
  std::function<void(Result<T>)> action_;
  Countdown done_{1};
};

/// Counts results: those that are rows, and those that the end of the session cut off.
class Counter final : public RowsSink {
 public:
  explicit Counter(int expected) : all_(expected) {}

  void done(Result<Rows> result) noexcept override {
    const auto* error = std::get_if<DriverError>(&result);
    if (error == nullptr) ++succeeded;
    if (error != nullptr && error->code == DriverErrorCode::session_ended) ++ended;
    all_.one();
  }

  int wait() { return all_.wait(); }

  std::atomic<int> succeeded = 0;
  std::atomic<int> ended = 0;

 private:
  Countdown all_;
};

class LifetimeTest : public ::testing::Test {};

TEST_F(LifetimeTest, ASessionLeavesNoThread) {
  const auto before = threads();
  connected().reset();
  EXPECT_TRUE(threads_return_to(before));
}

TEST_F(LifetimeTest, AFailedConnectLeavesNoThread) {
  const auto before = threads();
  CassandraSessionOptions config = server();
  config.local_datacenter = "nowhere";
  EXPECT_EQ(error_of(try_connect(config)).code, DriverErrorCode::datacenter);
  EXPECT_TRUE(threads_return_to(before));
}

TEST_F(LifetimeTest, TheLastReferenceMayBeReleasedInACompletion) {
  const auto before = threads();
  std::unique_ptr<DriverSession> session = connected();
  Then<Rows> sink([&](Result<Rows> result) {
    EXPECT_EQ(value_of(std::move(result)).size(), 1U);
    session.reset();
  });
  session->query(kQuery, kOne, sink);
  sink.wait();
  EXPECT_TRUE(threads_return_to(before));
}

TEST_F(LifetimeTest, TheLastReferenceMayBeReleasedWhereItArrives) {
  const auto before = threads();
  Then<std::unique_ptr<DriverSession>> sink(
      [](auto result) { value_of(std::move(result)).reset(); });
  connect(server(), sink);
  sink.wait();
  EXPECT_TRUE(threads_return_to(before));
}

TEST_F(LifetimeTest, ABlockingCallInACompletionIsAnErrorAndNotADeadlock) {
  const auto session = connected();
  MemoryByteStore store;
  Then<Rows> sink([&](const Result<Rows>&) {
    EXPECT_TRUE(core::in_completion());
    EXPECT_THROW(static_cast<void>(store.mget({"key"})), Error);
  });
  session->query(kQuery, kOne, sink);
  sink.wait();
  EXPECT_FALSE(core::in_completion());
}

TEST_F(LifetimeTest, ATaskRunsOnAThreadOfTheDriver) {
  const auto session = connected();
  const auto here = std::this_thread::get_id();
  Countdown done(1);
  session->run_on_driver([&] {
    EXPECT_NE(std::this_thread::get_id(), here);
    EXPECT_TRUE(core::in_completion());
    bool nested = false;
    session->run_on_driver([&] { nested = true; });
    EXPECT_TRUE(nested) << "there already, it runs at once";
    done.one();
  });
  done.wait();
}

TEST_F(LifetimeTest, ATaskMayHoldTheLastReference) {
  const auto before = threads();
  std::shared_ptr<DriverSession> session = connected();
  Countdown done(1);
  DriverSession& held = *session;
  held.run_on_driver([&done, session = std::move(session)]() mutable {
    session.reset();
    done.one();
  });
  done.wait();
  EXPECT_TRUE(threads_return_to(before));
}

TEST_F(LifetimeTest, ACompletionMayStartTheNextRequest) {
  const auto session = connected();
  Then<Rows> second([](const Result<Rows>&) {});
  Then<Rows> first([&](const Result<Rows>&) { session->query(kQuery, kOne, second); });
  session->query(kQuery, kOne, first);
  first.wait();
  second.wait();
}

TEST_F(LifetimeTest, ASessionEndsWithWorkInFlight) {
  const auto before = threads();
  {
    Proxy proxy = proxied_server();
    auto session = connected(through(proxy));
    proxy.stall();
    Counter counter(300);
    for (int i = 0; i != 300; ++i) session->query(kQuery, kOne, counter);
    session.reset();
    counter.wait();
    EXPECT_EQ(counter.ended, 300);
  }
  EXPECT_TRUE(threads_return_to(before));
}

TEST_F(LifetimeTest, EachCompletionFiresOnceWhenTheSessionEndsAmongAnswers) {
  const auto before = threads();
  for (int round = 0; round != 20; ++round) {
    auto session = connected();
    Counter counter(500);
    for (int i = 0; i != 500; ++i) session->query(kQuery, kOne, counter);
    session.reset();
    counter.wait();
    EXPECT_EQ(counter.succeeded + counter.ended, 500);
  }
  EXPECT_TRUE(threads_return_to(before));
}

TEST_F(LifetimeTest, WhatASessionGaveOutlivesIt) {
  const auto before = threads();
  auto session = connected();
  const Rows rows = value_of(query(*session, kQuery, kOne));
  const auto version = rows.value(0, 0);
  const auto statement = prepared(*session, kQuery);
  const auto topology = session->topology("system", "local", "");
  session.reset();
  EXPECT_TRUE(threads_return_to(before));
  EXPECT_EQ(rows.text(0, 0), version->view());
  EXPECT_NE(statement, nullptr);
  EXPECT_EQ(topology->nodes().size(), 1U);
}

TEST_F(LifetimeTest, SessionsComeAndGoOnManyThreads) {
  const auto before = threads();
  {
    std::vector<std::jthread> users;
    for (int user = 0; user != 4; ++user) {
      users.emplace_back([] {
        for (int round = 0; round != 5; ++round) {
          CassandraSessionOptions config = server();
          config.worker_threads = 2;
          auto session = connected(config);
          Counter counter(50);
          for (int i = 0; i != 50; ++i) session->query(kQuery, kOne, counter);
          if (round % 2 == 0) session.reset();
          counter.wait();
          EXPECT_EQ(counter.succeeded + counter.ended, 50);
        }
      });
    }
  }
  EXPECT_TRUE(threads_return_to(before));
}

TEST_F(LifetimeTest, AForkedChildIsRefusedAndLeaksOnPurpose) {
  auto session = connected();
  const auto statement = prepared(*session, kQuery);
  Counter never(1);
  const auto report = in_child([&] {
    const auto outcome = outcome_of([&] { session->execute(*statement, {}, kOne, never); });
    session.reset();
    return outcome;
  });
  EXPECT_EQ(report, "unavailable");
  EXPECT_EQ(value_of(query(*session, kQuery, kOne)).size(), 1U) << "the parent goes on";
  EXPECT_EQ(never.succeeded + never.ended, 0);
}

#ifndef __SANITIZE_THREAD__
// The thread sanitizer takes a thread of the child for the one of the parent whose address it has.
TEST_F(LifetimeTest, AForkedChildMayConnectAnew) {
  const auto session = connected();
  const auto report = in_child([] {
    const auto own = connected();
    return std::to_string(value_of(query(*own, kQuery, kOne)).size());
  });
  EXPECT_EQ(report, "1");
}
#endif

class StaticSessionTest : public LifetimeTest {
 protected:
  // The child starts anew, rather than as a copy with one thread.
  void SetUp() override {
    LifetimeTest::SetUp();
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }
};

TEST_F(StaticSessionTest, IsDestroyedWithTheProcess) {
  const auto run = [] {
    static const std::unique_ptr<DriverSession> session = connected();
    std::exit(query(*session, kQuery, kOne).index() == 0 ? 0 : 1);
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(0), "");
}

TEST_F(StaticSessionTest, IsDestroyedWithTheProcessAmongRequestsInFlight) {
  const auto run = [] {
    // Never destroyed: a sink lives until it is called, which may be after static destruction.
    static Counter* const counter = std::make_unique<Counter>(1000).release();
    static const std::unique_ptr<DriverSession> session = connected();
    for (int i = 0; i != 1000; ++i) session->query(kQuery, kOne, *counter);
    std::exit(0);
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(0), "");
}

TEST_F(StaticSessionTest, IsLeftToTheEndOfTheProcess) {
  const auto run = [] {
    static DriverSession* const session = connected().release();
    std::exit(query(*session, kQuery, kOne).index() == 0 ? 0 : 1);
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace bytestore::cassandra
