// Calls that wait for the asynchronous writes before them.

#include <gtest/gtest.h>

#include <boost/asio/use_future.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "blocked_backend.hpp"
#include "support/errors.hpp"
#include "support/values.hpp"

namespace bytestore {
namespace {

using boost::asio::use_future;
using std::chrono::milliseconds;
using testing::batch_error_of;
using testing::BlockedBackend;
using testing::BlockedByteStore;
using testing::text;

class Queue : public ::testing::Test {
 protected:
  Queue() { state_->wait_until_waiting(1); }

  std::future<void> begin_write(const CallOptions& options = {}) {
    return store_->amset({{"a", text("1")}}, options, use_future);
  }
  std::future<ByteStore::Values> begin_read(const CallOptions& options = {}) {
    return store_->amget({"a"}, options, use_future);
  }

  /// In a thread of its own.
  std::future<void> begin_blocking_write(const CallOptions& options = {}) {
    return std::async(std::launch::async,
                      [this, options] { store_->mset({{"a", text("1")}}, options); });
  }

  static void expect_not_started(const std::function<void()>& call, ErrorCode code) {
    const auto error = batch_error_of(call);
    EXPECT_EQ(error.code(), code);
    ASSERT_EQ(error.failures().size(), 1U);
    EXPECT_EQ(error.failures()[0].outcome, Outcome::failed);
  }

  std::shared_ptr<BlockedBackend::State> state_ = std::make_shared<BlockedBackend::State>();
  std::optional<BlockedByteStore> store_{std::in_place, state_};
  std::future<void> first_ = begin_write();  // stays at the backend
};

TEST_F(Queue, AWaitingCallFailsWhenItsDeadlineHasPassed) {
  const CallOptions soon{.deadline = milliseconds(1)};
  auto write = begin_write(soon);
  auto read = begin_read(soon);
  // Blocking calls do not wait for longer than their deadlines.
  expect_not_started([&] { store_->mset({{"a", text("1")}}, soon); }, ErrorCode::timeout);
  expect_not_started([&] { store_->mdelete({"a"}, soon); }, ErrorCode::timeout);
  expect_not_started([&] { store_->mget({"a"}, soon); }, ErrorCode::timeout);
  state_->release();
  EXPECT_NO_THROW(first_.get());
  expect_not_started([&] { write.get(); }, ErrorCode::timeout);
  expect_not_started([&] { read.get(); }, ErrorCode::timeout);
}

TEST_F(Queue, AWaitingCallCanBeStopped) {
  std::stop_source stop;
  const CallOptions stoppable{.stop = stop.get_token()};
  auto write = begin_write(stoppable);
  auto read = begin_read(stoppable);
  auto blocking = begin_blocking_write(stoppable);
  stop.request_stop();
  expect_not_started([&] { blocking.get(); }, ErrorCode::cancelled);
  state_->release();
  EXPECT_NO_THROW(first_.get());
  expect_not_started([&] { write.get(); }, ErrorCode::cancelled);
  expect_not_started([&] { read.get(); }, ErrorCode::cancelled);
}

TEST_F(Queue, ClosingEndsWaitingCalls) {
  std::vector<std::future<void>> writes;
  std::vector<std::future<ByteStore::Values>> reads;
  for (int i = 0; i < 20; ++i) {
    writes.push_back(begin_write());
    reads.push_back(begin_read());
  }
  store_->close(milliseconds(0));
  expect_not_started([&] { first_.get(); }, ErrorCode::cancelled);
  for (auto& write : writes) expect_not_started([&] { write.get(); }, ErrorCode::cancelled);
  for (auto& read : reads) expect_not_started([&] { read.get(); }, ErrorCode::cancelled);
}

TEST_F(Queue, TheDestructorEndsWaitingCalls) {
  std::vector<std::future<void>> writes;
  for (int i = 0; i < 20; ++i) writes.push_back(begin_write());
  store_.reset();
  for (auto& write : writes) expect_not_started([&] { write.get(); }, ErrorCode::cancelled);
}

TEST_F(Queue, ACallThatIsNotInterruptedHasItsTurn) {
  auto write = begin_write();
  auto read = begin_read();
  auto blocking = begin_blocking_write();
  auto last = begin_write();
  state_->release();
  EXPECT_NO_THROW(first_.get());
  EXPECT_NO_THROW(write.get());
  EXPECT_EQ(read.get().size(), 1U);
  EXPECT_NO_THROW(blocking.get());
  EXPECT_NO_THROW(last.get());
}

TEST_F(Queue, OfOneStoreIsNotThatOfAnother) {
  const auto state = std::make_shared<BlockedBackend::State>();
  BlockedByteStore other(state);
  auto write = other.amset({{"a", text("1")}}, use_future);
  state->wait_until_waiting(1);
  state->release();
  EXPECT_NO_THROW(write.get());
}

TEST(Reads, RunSideBySideAndHoldUpNoWrite) {
  const auto state = std::make_shared<BlockedBackend::State>();
  BlockedByteStore store(state);
  auto one = store.amget({"a"}, use_future);
  auto other = std::async(std::launch::async, [&] { return store.mget({"a"}); });
  state->wait_until_waiting(2);
  auto write = store.amset({{"a", text("1")}}, use_future);
  state->wait_until_waiting(3);
  state->release();
  EXPECT_EQ(one.get().size(), 1U);
  EXPECT_EQ(other.get().size(), 1U);
  EXPECT_NO_THROW(write.get());
}

}  // namespace
}  // namespace bytestore
