// The end of a store, with work in flight.

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "blocked_backend.hpp"
#include "bytestore/memory_byte_store.hpp"

namespace bytestore {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using testing::BlockedBackend;
using testing::BlockedByteStore;

class Ending : public ::testing::Test {
 protected:
  std::shared_ptr<BlockedBackend::State> state_ = std::make_shared<BlockedBackend::State>();
  std::optional<BlockedByteStore> store_{std::in_place, state_};

  static ErrorCode code_of(std::future<ByteStore::Values>& future) {
    try {
      future.get();
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "it succeeded";
    return ErrorCode::io;
  }
};

TEST_F(Ending, CloseWaitsForWorkInFlight) {
  auto pending = store_->amget({"a"}, asio::use_future);
  state_->wait_until_waiting(1);
  auto closing = std::async(std::launch::async, [&] { store_->close(); });
  EXPECT_FALSE(state_->closed);
  state_->release();
  closing.get();
  EXPECT_TRUE(state_->closed);
  EXPECT_EQ(pending.get().size(), 1U);
}

TEST_F(Ending, CloseEndsWhatIsNotDoneByItsDeadline) {
  auto pending = store_->amget({"a"}, asio::use_future);
  state_->wait_until_waiting(1);
  store_->close(milliseconds(0));
  EXPECT_TRUE(state_->closed);
  EXPECT_EQ(code_of(pending), ErrorCode::cancelled);
  store_->close();  // once more is harmless
}

TEST_F(Ending, AsyncCloseWaitsForWorkInFlight) {
  auto pending = store_->amget({"a"}, asio::use_future);
  state_->wait_until_waiting(1);
  auto first = store_->aclose(asio::use_future);
  auto second = store_->aclose(asio::use_future);
  state_->release();
  first.get();
  second.get();
  EXPECT_TRUE(state_->closed);
  EXPECT_EQ(pending.get().size(), 1U);
}

TEST_F(Ending, AsyncCloseEndsWhatIsNotDoneByItsDeadline) {
  auto pending = store_->amget({"a"}, asio::use_future);
  state_->wait_until_waiting(1);
  store_->aclose(milliseconds(0), asio::use_future).get();
  EXPECT_TRUE(state_->closed);
  EXPECT_EQ(code_of(pending), ErrorCode::cancelled);
}

TEST_F(Ending, TheDeadlineOfAnAsyncCloseDoesNotWaitBehindRequests) {
  std::vector<std::future<ByteStore::Values>> pending;
  for (int i = 0; i < 64; ++i) pending.push_back(store_->amget({"a"}, asio::use_future));
  state_->wait_until_waiting(1);  // every work thread is, or will be, held by one of them
  store_->aclose(milliseconds(0), asio::use_future).get();
  EXPECT_TRUE(state_->closed);
  for (auto& call : pending) EXPECT_EQ(code_of(call), ErrorCode::cancelled);
}

TEST_F(Ending, CancellingAnAsyncCloseEndsWhatIsInFlight) {
  asio::io_context context;
  asio::cancellation_signal signal;
  auto pending = store_->amget({"a"}, asio::use_future);
  state_->wait_until_waiting(1);
  bool closed = false;
  store_->aclose(asio::bind_cancellation_slot(
      signal.slot(), asio::bind_executor(context, [&](std::exception_ptr error) {
        EXPECT_FALSE(error);
        closed = true;
      })));
  asio::post(context, [&] { signal.emit(asio::cancellation_type::terminal); });
  context.run();
  EXPECT_TRUE(closed);
  EXPECT_EQ(code_of(pending), ErrorCode::cancelled);
}

TEST_F(Ending, ManyClosesAtOnceDoNotStarveTheWorkTheyWaitFor) {
  std::vector<std::future<ByteStore::Values>> pending;
  std::vector<std::future<void>> closes;
  for (int i = 0; i < 32; ++i) pending.push_back(store_->amget({"a"}, asio::use_future));
  for (int i = 0; i < 32; ++i) closes.push_back(store_->aclose(asio::use_future));
  state_->release();
  for (auto& call : pending) EXPECT_EQ(call.get().size(), 1U);
  for (auto& close : closes) close.get();
}

TEST_F(Ending, TheDestructorEndsWorkInFlightButDoesNotWaitForHandlers) {
  asio::io_context context;
  int completions = 0;
  store_->amget({"a"}, asio::bind_executor(context, [&](std::exception_ptr error, auto&&) {
                  EXPECT_TRUE(error);
                  ++completions;
                }));
  state_->wait_until_waiting(1);
  store_.reset();  // returns although nobody runs the context
  EXPECT_TRUE(state_->closed);
  EXPECT_EQ(completions, 0);
  context.run();
  EXPECT_EQ(completions, 1);
}

TEST_F(Ending, AStoreMayBeDestroyedInItsOwnCompletion) {
  std::promise<void> destroyed;
  state_->release();
  store_->amget({"a"}, [&](std::exception_ptr, auto&&) {
    store_.reset();
    destroyed.set_value();
  });
  destroyed.get_future().get();
  EXPECT_TRUE(state_->closed);
}

TEST_F(Ending, AnOperationOnAClosedStoreIsCancelled) {
  store_->close();
  auto late = store_->amget({"a"}, asio::use_future);
  EXPECT_EQ(code_of(late), ErrorCode::cancelled);
  auto empty = store_->amget({}, asio::use_future);
  EXPECT_EQ(code_of(empty), ErrorCode::cancelled);
}

}  // namespace
}  // namespace bytestore
