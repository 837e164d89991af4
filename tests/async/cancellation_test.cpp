// Ending an operation before it is done.

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>

#include "blocked_backend.hpp"

namespace bytestore {
namespace {

namespace asio = boost::asio;
using testing::BlockedBackend;
using testing::BlockedByteStore;

ErrorCode code_of(const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const Error& failure) {
    return failure.code();
  }
  ADD_FAILURE() << "it succeeded";
  return ErrorCode::io;
}

class Cancellation : public ::testing::Test {
 protected:
  std::shared_ptr<BlockedBackend::State> state_ = std::make_shared<BlockedBackend::State>();
  std::optional<BlockedByteStore> store_{std::in_place, state_};
  asio::io_context context_;
  asio::cancellation_signal signal_;

  auto cancellable(auto handler) {
    return asio::bind_cancellation_slot(signal_.slot(),
                                        asio::bind_executor(context_, std::move(handler)));
  }

  /// Signals on the handlers' executor, once the operation is at the backend.
  void cancel_when_blocked(asio::cancellation_type type) {
    state_->wait_until_waiting(1);
    asio::post(context_, [this, type] { signal_.emit(type); });
  }
};

TEST_F(Cancellation, EndsAReadWithCancelledAndTheKeysThatWereNotReached) {
  std::exception_ptr seen;
  store_->amget({"a", "b"}, cancellable([&](std::exception_ptr error, auto&&) { seen = error; }));
  cancel_when_blocked(asio::cancellation_type::total);
  context_.run();
  EXPECT_EQ(code_of(seen), ErrorCode::cancelled);
  try {
    std::rethrow_exception(seen);
  } catch (const BatchError& error) {
    ASSERT_EQ(error.failures().size(), 2U);
    EXPECT_EQ(error.failures()[1].code, ErrorCode::cancelled);
    EXPECT_EQ(error.failures()[1].outcome, Outcome::failed);
  }
}

TEST_F(Cancellation, EndsAWriteAndADelete) {
  std::exception_ptr seen;
  std::vector<Entry> entries;
  entries.push_back({"a", {}});
  store_->amset(std::move(entries), cancellable([&](std::exception_ptr error) { seen = error; }));
  cancel_when_blocked(asio::cancellation_type::terminal);
  context_.run();
  EXPECT_EQ(code_of(seen), ErrorCode::cancelled);

  context_.restart();
  store_->amdelete({"a"}, cancellable([&](std::exception_ptr error) { seen = error; }));
  cancel_when_blocked(asio::cancellation_type::partial);
  context_.run();
  EXPECT_EQ(code_of(seen), ErrorCode::cancelled);
}

TEST_F(Cancellation, OfAKeyStreamsStep) {
  std::exception_ptr seen;
  auto stream = store_->ayield_keys();
  stream.next(cancellable([&](std::exception_ptr error, auto&&) { seen = error; }));
  cancel_when_blocked(asio::cancellation_type::terminal);
  context_.run();
  EXPECT_EQ(code_of(seen), ErrorCode::cancelled);
}

TEST_F(Cancellation, AfterTheCompletionDoesNothing) {
  int completions = 0;
  store_->amget({"a"}, cancellable([&](std::exception_ptr error, auto&&) {
                  EXPECT_FALSE(error);
                  ++completions;
                }));
  state_->release();
  context_.run();
  signal_.emit(asio::cancellation_type::all);
  context_.restart();
  context_.run();
  EXPECT_EQ(completions, 1);
}

TEST_F(Cancellation, OfACoroutineEndsItsOperation) {
  ErrorCode code{};
  const auto program = [&]() -> asio::awaitable<void> {
    try {
      std::vector<std::string> keys(1, "a");
      co_await store_->amget(std::move(keys), asio::use_awaitable);
    } catch (const Error& error) {
      code = error.code();
    }
  };
  asio::co_spawn(context_, program, asio::bind_cancellation_slot(signal_.slot(), asio::detached));
  std::jthread runner([&] { context_.run(); });
  cancel_when_blocked(asio::cancellation_type::terminal);
  runner.join();
  EXPECT_EQ(code, ErrorCode::cancelled);
}

TEST_F(Cancellation, OfTheLoserOfTwoAwaitedOperations) {
  using asio::experimental::awaitable_operators::operator||;
  auto released = std::make_shared<BlockedBackend::State>();
  BlockedByteStore quick(released);
  released->release();
  std::size_t winner = 99;
  const auto program = [&]() -> asio::awaitable<void> {
    std::vector<std::string> keys(1, "a");
    const auto results = co_await (store_->amget(keys, asio::use_awaitable) ||
                                   quick.amget(keys, asio::use_awaitable));
    winner = results.index();
  };
  auto done = asio::co_spawn(context_, program, asio::use_future);
  context_.run();
  done.get();
  EXPECT_EQ(winner, 1U);
}

TEST_F(Cancellation, ByTheStopTokenOfTheCaller) {
  std::stop_source stop;
  auto blocking = std::async(std::launch::async, [&] {
    try {
      store_->mget({"a"}, {.stop = stop.get_token()});
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::io;
  });
  auto future = store_->amget({"a"}, {.stop = stop.get_token()}, asio::use_future);
  state_->wait_until_waiting(2);
  stop.request_stop();
  EXPECT_EQ(blocking.get(), ErrorCode::cancelled);
  EXPECT_THROW(future.get(), BatchError);
}

TEST_F(Cancellation, ByADeadline) {
  try {
    store_->mget({"a"}, {.deadline = std::chrono::milliseconds(1)});
    FAIL() << "it succeeded";
  } catch (const BatchError& error) {
    EXPECT_EQ(error.code(), ErrorCode::timeout);
  }
  auto future = store_->amget({"a"}, {.deadline = std::chrono::milliseconds(1)}, asio::use_future);
  EXPECT_THROW(future.get(), BatchError);
  EXPECT_THROW(store_->mget({"a"}, {.deadline = std::chrono::milliseconds(-1)}), Error);
}

TEST_F(Cancellation, AnExecutorThatIsDestroyedTakesItsHandlersWithIt) {
  auto token = std::make_shared<int>(0);
  {
    asio::io_context context;
    store_->amget({"a"}, asio::bind_executor(context, [token](std::exception_ptr, auto&&) {}));
    state_->release();
    store_.reset();  // the handler is posted now, and the context never runs
  }
  EXPECT_EQ(token.use_count(), 1);
}

}  // namespace
}  // namespace bytestore
