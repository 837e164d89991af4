/// How a store ends, also with work in flight.

#include <atomic>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <latch>
#include <optional>
#include <thread>

#include "bytestore/async.hpp"
#include "contract_test.hpp"

namespace bytestore::contract {
namespace {

using boost::asio::use_future;
using std::chrono::milliseconds;

class Closing : public ContractTest {
 protected:
  /// Writes batches on 8 threads until each was refused, while `end` ends the store. Returns the
  /// keys of the batches that were acknowledged.
  template <typename End>
  std::vector<std::string> write_until_ended(const End& end) {
    constexpr std::size_t kThreads = 8;
    std::latch each_has_written(kThreads);
    std::vector<std::vector<std::string>> acknowledged(kThreads);
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int round = 0;; ++round) {
          const auto keys =
              numbered_keys(std::to_string(thread) + ":" + std::to_string(round) + ":", 200);
          try {
            store().mset(entries_of(keys));
          } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::cancelled) << error.what();
            return;
          }
          std::ranges::copy(keys, std::back_inserter(acknowledged[thread]));
          if (round == 0) each_has_written.count_down();
        }
      });
    }
    each_has_written.wait();
    end();
    threads.clear();
    std::vector<std::string> all;
    for (const auto& keys : acknowledged) std::ranges::copy(keys, std::back_inserter(all));
    return all;
  }

  void expect_kept(const std::vector<std::string>& keys) {
    reopen();
    if (GetParam().exceptions.forgets_when_closed) return;
    const auto values = store().mget(keys);
    for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(values[i], text(keys[i]));
  }
};

TEST_P(Closing, RefusesEveryVerbAfterwards) {
  store().mset({{"a", text("1")}});
  store().close();
  EXPECT_EQ(code_of([&] { store().mget({"a"}); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { store().mget({}); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { store().mset({{"a", text("2")}}); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { store().mdelete({"a"}); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { store().yield_keys().begin(); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { store().amget({"a"}, use_future).get(); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { store().ayield_keys().next(use_future).get(); }), ErrorCode::cancelled);
  expect_kept({});
}

TEST_P(Closing, TwiceIsHarmless) {
  store().close();
  EXPECT_NO_THROW(store().close());
  EXPECT_NO_THROW(store().aclose(use_future).get());
  EXPECT_NO_THROW(store().close(milliseconds{0}));
}

TEST_P(Closing, FromSeveralThreadsAtOnce) {
  store().mset({{"a", text("1")}});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { store().close(); });
  }
  EXPECT_EQ(code_of([&] { store().mget({"a"}); }), ErrorCode::cancelled);
}

TEST_P(Closing, TakesAnyDeadline) {
  for (const auto deadline : {milliseconds::min(), milliseconds{-1}, milliseconds::max()}) {
    EXPECT_NO_THROW(store().close(deadline));
    reopen();
    EXPECT_NO_THROW(store().aclose(deadline, use_future).get());
    reopen();
  }
}

TEST_P(Closing, LetsTheDataBeOpenedAgainAtOnce) {
  store().mset({{"a", text("a")}});
  store().close();
  expect_kept({"a"});
}

TEST_P(Closing, WithBlockingWorkInFlight) {
  expect_kept(write_until_ended([&] { store().close(); }));
}

TEST_P(Closing, WithoutPatienceWithBlockingWorkInFlight) {
  expect_kept(write_until_ended([&] { store().close(milliseconds{0}); }));
}

TEST_P(Closing, AsynchronouslyWithBlockingWorkInFlight) {
  expect_kept(write_until_ended([&] { store().aclose(use_future).get(); }));
}

TEST_P(Closing, WithAsynchronousWorkInFlight) {
  const auto entries = entries_of(numbered_keys("key", 500));
  std::vector<std::future<void>> writes;
  for (int i = 0; i < 50; ++i) writes.push_back(store().amset(entries, use_future));
  std::vector<std::future<ByteStore::Values>> reads;
  for (int i = 0; i < 50; ++i) reads.push_back(store().amget({"key1", "nope"}, use_future));
  store().close(milliseconds{0});
  bool stored = false;
  for (auto& write : writes) {
    try {
      write.get();
      stored = true;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::cancelled);
    }
  }
  for (auto& read : reads) {
    try {
      EXPECT_EQ(read.get().size(), 2U);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::cancelled);
    }
  }
  expect_kept(stored ? numbered_keys("key", 500) : std::vector<std::string>{});
}

TEST_P(Closing, ByTheDestructorWithAsynchronousWorkInFlight) {
  std::vector<std::future<void>> writes;
  const auto entries = entries_of(numbered_keys("key", 500));
  for (int i = 0; i < 50; ++i) writes.push_back(store().amset(entries, use_future));
  auto stream = store().ayield_keys();
  auto pending = stream.next(use_future);
  drop_store();
  for (auto& write : writes) {
    try {
      write.get();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::cancelled);
    }
  }
  EXPECT_NO_THROW(pending.wait());
  EXPECT_EQ(code_of([&] { stream.next(use_future).get(); }), ErrorCode::cancelled);
}

TEST_P(Closing, ListingsInFlightEndWithCancelled) {
  store().mset(entries_of(numbered_keys("key", 100)));
  std::latch has_listed(1);
  std::jthread lister([&] {
    const auto error = error_of([&] {
      for (bool first = true;; first = false) {
        walk(store().yield_keys());
        if (first) has_listed.count_down();
      }
    });
    EXPECT_EQ(error.code(), ErrorCode::cancelled);
  });
  has_listed.wait();
  store().close();
}

INSTANTIATE_TEST_SUITE_P(Backends, Closing, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
