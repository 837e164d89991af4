/// Calls of one thread take effect in the order in which they were begun.

#include <boost/asio/use_future.hpp>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bytestore/async.hpp"
#include "contract_test.hpp"

namespace bytestore::contract {
namespace {

using boost::asio::use_future;

/// Several rounds, each with a long batch first: calls that are begun behind it have the time to
/// overtake it on another thread, if nothing holds them back.
constexpr int kRounds = 30;
constexpr auto kKey = "key";

class Order : public ContractTest {
 protected:
  /// Begins to write many keys, at last `kKey`.
  std::future<void> begin_long_write(const std::string& value) {
    auto entries = entries_of(numbered_keys("other", kLongBatch));
    entries.push_back({.key = kKey, .value = text(value)});
    return store().amset(std::move(entries), use_future);
  }

  /// Begins to delete many keys, at last `kKey`.
  std::future<void> begin_long_delete() {
    auto keys = numbered_keys("other", kLongBatch);
    keys.emplace_back(kKey);
    return store().amdelete(std::move(keys), use_future);
  }

  std::future<void> begin_write(const std::string& value) {
    return store().amset({{kKey, text(value)}}, use_future);
  }

  std::future<void> begin_delete() { return store().amdelete({kKey}, use_future); }

  std::optional<Bytes> value() { return store().mget({kKey})[0]; }

  [[nodiscard]] static bool reads_may_overtake() {
    return GetParam().exceptions.reads_may_overtake_writes;
  }
};

TEST_P(Order, OfAsynchronousWritesOfOneKey) {
  for (int round = 0; round < kRounds; ++round) {
    for (const int followers : {1, 10}) {
      std::vector<std::future<void>> writes;
      writes.push_back(begin_long_write("first"));
      for (int i = 1; i <= followers; ++i) writes.push_back(begin_write(std::to_string(i)));
      for (auto& write : writes) write.get();
      ASSERT_EQ(value(), text(std::to_string(followers))) << "round " << round;
    }
  }
}

TEST_P(Order, OfAsynchronousWritesAndDeletes) {
  for (int round = 0; round < kRounds; ++round) {
    auto write = begin_long_write("first");
    auto remove = begin_delete();
    write.get();
    remove.get();
    ASSERT_EQ(value(), std::nullopt) << "round " << round;
    remove = begin_long_delete();
    write = begin_write("last");
    remove.get();
    write.get();
    ASSERT_EQ(value(), text("last")) << "round " << round;
  }
}

TEST_P(Order, OfBlockingWritesAfterAsynchronousOnes) {
  for (int round = 0; round < kRounds; ++round) {
    auto write = begin_long_write("first");
    store().mset({{kKey, text("last")}});
    write.get();
    ASSERT_EQ(value(), text("last")) << "round " << round;
    write = begin_long_write("first");
    store().mdelete({kKey});
    write.get();
    ASSERT_EQ(value(), std::nullopt) << "round " << round;
  }
}

TEST_P(Order, ReadsSeeTheWritesThatWereBegunBeforeThem) {
  for (int round = 0; round < kRounds; ++round) {
    const auto current = std::to_string(round);
    auto write = begin_long_write(current);
    auto read = store().amget({kKey}, use_future);
    // What is acknowledged is seen on every backend.
    if (reads_may_overtake()) {
      read.get();
      write.get();
      read = store().amget({kKey}, use_future);
    }
    ASSERT_EQ(read.get()[0], text(current)) << "round " << round;

    auto remove = begin_long_delete();
    read = store().amget({kKey}, use_future);
    if (reads_may_overtake()) {
      read.get();
      remove.get();
      read = store().amget({kKey}, use_future);
    }
    ASSERT_EQ(read.get()[0], std::nullopt) << "round " << round;
  }
}

TEST_P(Order, BlockingReadsSeeTheAsynchronousWritesThatWereBegunBeforeThem) {
  for (int round = 0; round < kRounds; ++round) {
    const auto current = std::to_string(round);
    auto write = begin_long_write(current);
    if (reads_may_overtake()) write.get();
    ASSERT_EQ(value(), text(current)) << "round " << round;
  }
}

TEST_P(Order, ListingsSeeTheWritesThatWereBegunBeforeThem) {
  for (int round = 0; round < kRounds; ++round) {
    auto write = begin_long_write("value");
    if (reads_may_overtake()) write.get();
    auto stream = store().ayield_keys({.prefix = kKey});
    ASSERT_EQ(stream.next(use_future).get(), kKey) << "round " << round;

    auto remove = begin_long_delete();
    if (reads_may_overtake()) remove.get();
    ASSERT_EQ(walk(store().yield_keys({.prefix = kKey})), std::vector<std::string>{})
        << "round " << round;
  }
}

/// Of each thread: what others do meanwhile does not matter.
TEST_P(Order, OfEachOfSeveralThreads) {
  constexpr int kThreads = 4;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread] {
      const auto key = std::to_string(thread);
      for (int round = 0; round < kRounds; ++round) {
        auto entries = entries_of(numbered_keys(key + ":", kLongBatch / kThreads));
        entries.push_back({.key = key, .value = text("first")});
        auto first = store().amset(std::move(entries), use_future);
        auto second = store().amset({{key, text("second")}}, use_future);
        auto last = store().amset({{key, text(std::to_string(round))}}, use_future);
        first.get();
        second.get();
        last.get();
        ASSERT_EQ(store().mget({key})[0], text(std::to_string(round)));
      }
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, Order, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
