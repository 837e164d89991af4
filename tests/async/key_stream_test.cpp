// The asynchronous stream of keys.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <set>

#include "blocked_backend.hpp"
#include "bytestore/memory_byte_store.hpp"

namespace bytestore {
namespace {

namespace asio = boost::asio;
using testing::BlockedBackend;
using testing::BlockedByteStore;

/// More than two pages.
constexpr int kManyKeys = 2'500;

void fill(ByteStore& store) {
  std::vector<Entry> entries;
  for (int i = 0; i < kManyKeys; ++i) entries.push_back({"key" + std::to_string(i), {}});
  store.mset(entries);
}

template <typename Verb>
ErrorCode code_of(Verb verb) {
  try {
    verb();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "it succeeded";
  return ErrorCode::io;
}

TEST(AsyncKeyStream, GivesEachKeyOnceInACoroutine) {
  MemoryByteStore store;
  fill(store);
  asio::io_context context;
  std::multiset<std::string> seen;
  const auto program = [&]() -> asio::awaitable<void> {
    auto stream = store.ayield_keys({.prefix = "key"});
    while (auto key = co_await stream.next(asio::use_awaitable)) seen.insert(*key);
    EXPECT_FALSE((co_await stream.next(asio::use_awaitable)).has_value()) << "the end stays";
  };
  auto done = asio::co_spawn(context, program, asio::use_future);
  context.run();
  done.get();
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kManyKeys));
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), seen.size());
}

TEST(AsyncKeyStream, PagesContinueWhereSingleKeysStopped) {
  MemoryByteStore store;
  fill(store);
  auto stream = store.ayield_keys();
  std::multiset<std::string> seen;
  for (int i = 0; i < 3; ++i) seen.insert(stream.next(asio::use_future).get().value());
  for (;;) {
    const auto page = stream.next_page(asio::use_future).get();
    if (page.empty()) break;
    EXPECT_LE(page.size(), 1'000U) << "one page at a time is held";
    seen.insert(page.begin(), page.end());
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kManyKeys));
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), seen.size());
}

TEST(AsyncKeyStream, ReadsNothingBeforeTheFirstStep) {
  auto state = std::make_shared<BlockedBackend::State>();
  BlockedByteStore store(state);
  {
    const auto stream = store.ayield_keys();
    const auto view = store.yield_keys();
  }
  store.close();
  EXPECT_EQ(state->waiting, 0);
}

TEST(AsyncKeyStream, ASecondStepWhileOneIsPendingIsAnError) {
  auto state = std::make_shared<BlockedBackend::State>();
  BlockedByteStore store(state);
  auto stream = store.ayield_keys();
  auto first = stream.next(asio::use_future);
  state->wait_until_waiting(1);
  EXPECT_EQ(code_of([&] { stream.next(asio::use_future).get(); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { stream.next_page(asio::use_future).get(); }),
            ErrorCode::invalid_argument);
  state->release();
  EXPECT_FALSE(first.get().has_value());
}

TEST(AsyncKeyStream, DroppingItEndsThePendingStep) {
  auto state = std::make_shared<BlockedBackend::State>();
  BlockedByteStore store(state);
  std::future<std::optional<std::string>> pending;
  {
    auto stream = store.ayield_keys();
    pending = stream.next(asio::use_future);
    state->wait_until_waiting(1);
  }
  EXPECT_EQ(code_of([&] { pending.get(); }), ErrorCode::cancelled);
}

TEST(AsyncKeyStream, ThatOutlivesItsStoreIsCancelled) {
  auto store = std::make_unique<MemoryByteStore>();
  fill(*store);
  auto stream = store->ayield_keys();
  auto view = store->yield_keys();
  EXPECT_TRUE(stream.next(asio::use_future).get().has_value());
  auto position = view.begin();
  store.reset();
  EXPECT_EQ(code_of([&] { stream.next(asio::use_future).get(); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { ++position; }), ErrorCode::cancelled);
}

TEST(AsyncKeyStream, IsStoppedByTheCallersToken) {
  MemoryByteStore store;
  fill(store);
  std::stop_source stop;
  auto stream = store.ayield_keys({.stop = stop.get_token()});
  EXPECT_TRUE(stream.next(asio::use_future).get().has_value());
  stop.request_stop();
  EXPECT_EQ(code_of([&] { stream.next(asio::use_future).get(); }), ErrorCode::cancelled);
}

}  // namespace
}  // namespace bytestore
