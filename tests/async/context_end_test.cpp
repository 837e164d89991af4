// Execution contexts that end before the operations whose handlers run on them.

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <thread>

#include "blocked_backend.hpp"
#include "bytestore/memory_byte_store.hpp"

namespace bytestore {
namespace {

namespace asio = boost::asio;
using testing::BlockedBackend;
using testing::BlockedByteStore;

class AContextThatEnds : public ::testing::Test {
 protected:
  /// A handler; owns a part of `owned_` for as long as it exists.
  auto handler() {
    return [this, owned = owned_](const std::exception_ptr&, auto&&...) { completed_ = true; };
  }

  /// The context has ended, while an operation is under way.
  void expect_dropped() {
    EXPECT_EQ(owned_.use_count(), 1) << "a handler outlives its context";
    state_->release();
    store_->close();  // the operation has completed when this returns
    EXPECT_FALSE(completed_);
  }

  std::shared_ptr<BlockedBackend::State> state_ = std::make_shared<BlockedBackend::State>();
  std::shared_ptr<ByteStore> store_ = std::make_shared<BlockedByteStore>(state_);
  std::shared_ptr<int> owned_ = std::make_shared<int>();
  bool completed_ = false;
};

TEST_F(AContextThatEnds, DropsACallback) {
  {
    asio::io_context context;
    store_->amget({"a"}, asio::bind_executor(context, handler()));
    state_->wait_until_waiting(1);
  }
  expect_dropped();
}

TEST_F(AContextThatEnds, DropsACallbackOfAStrand) {
  {
    asio::io_context context;
    store_->amget({"a"}, asio::bind_executor(asio::make_strand(context), handler()));
    state_->wait_until_waiting(1);
  }
  expect_dropped();
}

TEST_F(AContextThatEnds, DropsACallbackOfAThreadPool) {
  {
    asio::thread_pool pool(1);
    store_->amset({{"a", {}}}, asio::bind_executor(pool, handler()));
    state_->wait_until_waiting(1);
    pool.stop();
  }
  expect_dropped();
}

asio::awaitable<void> read(std::shared_ptr<ByteStore> store, std::shared_ptr<int>, bool& done) {
  std::vector<std::string> keys;
  keys.emplace_back("a");
  co_await store->amget(std::move(keys), asio::use_awaitable);
  done = true;
}

TEST_F(AContextThatEnds, DropsACoroutine) {
  {
    asio::io_context context;
    asio::co_spawn(context, read(store_, owned_, completed_), asio::detached);
    context.poll();
    state_->wait_until_waiting(1);
  }
  expect_dropped();
}

asio::awaitable<void> list(ByteStore& store, std::shared_ptr<int>, bool& done) {
  auto stream = store.ayield_keys();
  co_await stream.next(asio::use_awaitable);
  done = true;
}

TEST_F(AContextThatEnds, DropsAListing) {
  {
    asio::io_context context;
    asio::co_spawn(context, list(*store_, owned_, completed_), asio::detached);
    context.poll();
    state_->wait_until_waiting(1);
  }
  expect_dropped();
}

TEST_F(AContextThatEnds, DropsACoroutineWhichOwnsTheStore) {
  {
    asio::io_context context;
    asio::co_spawn(context, read(std::move(store_), owned_, completed_), asio::detached);
    context.poll();
    state_->wait_until_waiting(1);
  }
  EXPECT_EQ(owned_.use_count(), 1);
  EXPECT_TRUE(state_->closed);  // the store's destructor has waited for the operation
  EXPECT_FALSE(completed_);
}

TEST_F(AContextThatEnds, DropsAHandlerWhoseCancellationSignalHasEnded) {
  {
    asio::io_context context;
    asio::cancellation_signal signal;
    store_->amdelete({"a"}, asio::bind_cancellation_slot(signal.slot(),
                                                         asio::bind_executor(context, handler())));
    state_->wait_until_waiting(1);
  }
  expect_dropped();
}

TEST_F(AContextThatEnds, DropsTheHandlerOfAClose) {
  {
    asio::io_context context;
    store_->aestimate_keys(asio::bind_executor(context, handler()));
    state_->wait_until_waiting(1);
    store_->aclose(asio::bind_executor(context, handler()));
  }
  expect_dropped();
}

TEST_F(AContextThatEnds, DropsWhatRunsOnTheExecutorOfTheStore) {
  {
    asio::io_context context;
    store_ = std::make_shared<BlockedByteStore>(state_, run_on(context.get_executor()));
    store_->amget({"a"}, handler());
    state_->wait_until_waiting(1);
  }
  expect_dropped();
}

TEST(AContextThatEndsWhileOperationsComplete, LeavesNoHandlerBehind) {
  MemoryByteStore store;
  store.mset({{"a", as_bytes("1")}});
  const auto owned = std::make_shared<int>();
  for (int round = 0; round < 300; ++round) {
    {
      asio::io_context context;
      for (int i = 0; i < round % 16; ++i) {
        store.amget({"a"}, asio::bind_executor(context, [owned](auto&&...) {}));
      }
      context.poll();
    }
    ASSERT_EQ(owned.use_count(), 1);
  }
}

/// Runs what it is given at once, although it says that it never does.
struct InlineExecutor {
  asio::io_context* context;

  void execute(auto function) const { function(); }
  static constexpr asio::execution::blocking_t::never_t query(asio::execution::blocking_t) {
    return {};
  }
  [[nodiscard]] asio::execution_context& query(asio::execution::context_t) const noexcept {
    return *context;
  }
  friend bool operator==(InlineExecutor, InlineExecutor) = default;
};

TEST(AnInlineExecutor, MayStartAnotherOperationOfItsContext) {
  asio::io_context context;
  MemoryByteStore store;
  std::promise<void> done;
  const auto bound = [&](auto handler) {
    return asio::bind_executor(InlineExecutor{&context}, std::move(handler));
  };
  store.amget({"a"}, bound([&](const std::exception_ptr&, auto&&) {
                store.amset({{"a", {}}}, bound([&](auto&&) { done.set_value(); }));
              }));
  done.get_future().get();
  store.close();
}

// Nothing of it is looked at when an operation starts: that would start its threads.
static_assert(detail::OfSystemContext<asio::system_executor>);
static_assert(!detail::OfSystemContext<asio::io_context::executor_type>);

TEST(TheSystemExecutor, RunsHandlers) {
  MemoryByteStore store;
  std::promise<std::size_t> count;
  const auto handler = [&](const std::exception_ptr&, const ByteStore::Values& values) {
    count.set_value(values.size());
  };
  store.amget({"a"}, asio::bind_executor(asio::system_executor(), handler));
  EXPECT_EQ(count.get_future().get(), 1U);
}

}  // namespace
}  // namespace bytestore
