// Each kind of completion token, and where and how its completion arrives.

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <thread>

#include "bytestore/async.hpp"
#include "bytestore/memory_byte_store.hpp"

namespace bytestore {
namespace {

namespace asio = boost::asio;

using Keys = std::vector<std::string>;
using Entries = std::vector<Entry>;

Entries one_entry(std::string key, std::string_view value) {
  Entries entries;
  entries.push_back({std::move(key), Bytes::copy(value)});
  return entries;
}

TEST(Token, CallbackWithoutAnExecutorRunsOnTheLibrarysThread) {
  MemoryByteStore store;
  store.mset({{"a", as_bytes("1")}});
  std::promise<std::thread::id> thread;
  std::promise<std::string> value;
  store.amget({"a"}, [&](std::exception_ptr error, ByteStore::Values values) {
    EXPECT_FALSE(error);
    thread.set_value(std::this_thread::get_id());
    value.set_value(std::string(values.at(0)->view()));
  });
  EXPECT_NE(thread.get_future().get(), std::this_thread::get_id());
  EXPECT_EQ(value.get_future().get(), "1");
}

TEST(Token, CallbackWithoutAnExecutorRunsOnTheStoresExecutor) {
  asio::io_context context;
  MemoryByteStore store({.executor = run_on(context.get_executor())});
  std::thread::id thread;
  store.amset(one_entry("a", "1"), [&](std::exception_ptr error) {
    EXPECT_FALSE(error);
    thread = std::this_thread::get_id();
  });
  context.run();
  EXPECT_EQ(thread, std::this_thread::get_id());
}

TEST(Token, CallbackRunsOnItsOwnExecutorAndKeepsItsContextRunning) {
  asio::io_context context;
  MemoryByteStore store;
  bool completed = false;
  store.amset(one_entry("a", "1"), asio::bind_executor(context, [&](std::exception_ptr error) {
                EXPECT_FALSE(error);
                completed = true;
                store.amget({"a"}, asio::bind_executor(context, [&](std::exception_ptr failure,
                                                                    ByteStore::Values values) {
                              EXPECT_FALSE(failure);
                              EXPECT_TRUE(values.at(0).has_value());
                            }));
              }));
  // Returns when the work is done and not before, although nothing else is queued here.
  EXPECT_EQ(context.run(), 2U);
  EXPECT_TRUE(completed);
}

TEST(Token, TheCompletionNeverRunsInsideTheInitiatingCall) {
  asio::io_context context;
  MemoryByteStore store;
  bool returned = false;
  asio::post(context, [&] {
    store.amget({""}, asio::bind_executor(context, [&](std::exception_ptr error, auto&&) {
                  EXPECT_TRUE(error);  // refused at once, yet told later
                  EXPECT_TRUE(returned);
                }));
    returned = true;
  });
  EXPECT_EQ(context.run(), 2U);
}

TEST(Token, UseFuture) {
  MemoryByteStore store;
  store.amset(one_entry("a", "1"), asio::use_future).get();
  EXPECT_EQ(store.amget({"a"}, asio::use_future).get().at(0)->view(), "1");
  store.amdelete({"a"}, asio::use_future).get();
  EXPECT_FALSE(store.amget({"a"}, asio::use_future).get().at(0).has_value());
  EXPECT_THROW(store.amget({""}, asio::use_future).get(), Error);
}

TEST(Token, UseAwaitableInACoroutine) {
  asio::io_context context;
  MemoryByteStore store;
  std::string read;
  const auto program = [&]() -> asio::awaitable<void> {
    co_await store.amset(one_entry("a", "1"), asio::use_awaitable);
    Keys keys(1, "a");
    const auto values = co_await store.amget(std::move(keys), asio::use_awaitable);
    read = values.at(0)->view();
    ErrorCode code{};
    try {
      Keys wrong(1, "");
      co_await store.amdelete(std::move(wrong), asio::use_awaitable);
    } catch (const Error& error) {
      code = error.code();
    }
    EXPECT_EQ(code, ErrorCode::invalid_argument);
    co_await store.aclose(asio::use_awaitable);
  };
  auto done = asio::co_spawn(context, program, asio::use_future);
  context.run();
  done.get();
  EXPECT_EQ(read, "1");
}

TEST(Token, DeferredStartsWhenItIsCalled) {
  MemoryByteStore store;
  auto write = store.amset(one_entry("a", "1"), asio::deferred);
  EXPECT_FALSE(store.mget({"a"}).at(0).has_value());
  std::move(write)(asio::use_future).get();
  EXPECT_TRUE(store.mget({"a"}).at(0).has_value());
}

TEST(Token, HandlersOfAStrandDoNotOverlap) {
  constexpr int kCalls = 200;
  asio::thread_pool pool(4);
  auto strand = asio::make_strand(pool);
  MemoryByteStore store;
  std::atomic<int> inside{0};
  std::atomic<int> completed{0};
  std::atomic<bool> overlapped{false};
  for (int i = 0; i < kCalls; ++i) {
    store.amget({"a"}, asio::bind_executor(strand, [&](std::exception_ptr, auto&&) {
                  if (inside.fetch_add(1) != 0) overlapped = true;
                  if (!strand.running_in_this_thread()) overlapped = true;
                  ++completed;
                  inside.fetch_sub(1);
                }));
  }
  pool.join();
  EXPECT_EQ(completed, kCalls);
  EXPECT_FALSE(overlapped);
}

TEST(Token, ABlockingVerbInACompletionIsAnErrorAndNotADeadlock) {
  MemoryByteStore store;
  std::promise<std::vector<ErrorCode>> codes;
  store.amget({"a"}, [&](std::exception_ptr, auto&&) {
    std::vector<ErrorCode> seen;
    const auto attempt = [&](auto&& verb) {
      try {
        verb();
        seen.push_back(ErrorCode::io);
      } catch (const Error& error) {
        EXPECT_NE(std::string_view(error.what()).find("completion"), std::string_view::npos);
        seen.push_back(error.code());
      }
    };
    attempt([&] { store.mget({"a"}); });
    attempt([&] { store.mset({{"a", as_bytes("1")}}); });
    attempt([&] { store.mdelete({"a"}); });
    attempt([&] { store.yield_keys().begin(); });
    attempt([&] { store.close(); });
    codes.set_value(seen);
  });
  const std::vector<ErrorCode> all(5, ErrorCode::invalid_argument);
  EXPECT_EQ(codes.get_future().get(), all);
  EXPECT_FALSE(store.mget({"a"}).at(0).has_value()) << "and works again outside of it";
}

TEST(Token, ArgumentsOutliveTheCall) {
  MemoryByteStore store;
  std::future<void> written;
  {
    Entries entries;
    for (int i = 0; i < 1'000; ++i) {
      entries.push_back({"key" + std::to_string(i), Bytes::copy(std::string(100, 'v'))});
    }
    written = store.amset(std::move(entries), asio::use_future);
  }
  written.get();
  std::future<ByteStore::Values> read;
  {
    Keys keys;
    for (int i = 0; i < 1'000; ++i) keys.push_back("key" + std::to_string(i));
    auto deferred = store.amget(keys, asio::deferred);
    keys.assign(1'000, "other");
    read = std::move(deferred)(asio::use_future);
  }
  for (const auto& value : read.get()) EXPECT_EQ(value.value().size(), 100U);
}

}  // namespace
}  // namespace bytestore
