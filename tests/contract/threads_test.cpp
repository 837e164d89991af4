/// All members may be called from any number of threads at once.

#include <latch>
#include <thread>

#include "contract_test.hpp"

namespace bytestore::contract {
namespace {

constexpr std::size_t kThreads = 8;

class Threads : public ContractTest {
 protected:
  /// Runs `body(thread)` on 8 threads that begin together.
  template <typename Body>
  void on_threads(const Body& body) {
    std::latch all_here(kThreads);
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        all_here.arrive_and_wait();
        body(i);
      });
    }
  }
};

TEST_P(Threads, WithKeysOfTheirOwnDoNotMeet) {
  on_threads([&](std::size_t thread) {
    const auto prefix = "thread" + std::to_string(thread) + ":";
    const auto keys = numbered_keys(prefix, 300);
    const auto entries = entries_of(keys);
    for (int round = 0; round < 5; ++round) {
      store().mset(entries);
      const auto values = store().mget(keys);
      for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(values[i], entries[i].value);
      ASSERT_EQ(walk(store().yield_keys({.prefix = prefix})).size(), keys.size());
      store().mdelete(keys);
      ASSERT_EQ(store().mget(keys), ByteStore::Values(keys.size()));
    }
    store().mset({{prefix, text("done")}});
  });
  EXPECT_EQ(sorted_keys().size(), kThreads);
}

TEST_P(Threads, OnTheSameKeysReadWholeValuesOnly) {
  const auto keys = numbered_keys("shared", 20);
  const auto value_of = [](std::size_t thread) { return noise(500 + 10 * thread, thread); };
  on_threads([&](std::size_t thread) {
    std::vector<Entry> entries;
    for (const auto& key : keys) entries.push_back({key, value_of(thread)});
    for (int round = 0; round < 20; ++round) {
      store().mset(entries);
      for (const auto& value : store().mget(keys)) {
        if (!value) continue;  // another thread has just deleted it
        const std::size_t writer = (value->size() - 500) / 10;
        ASSERT_LT(writer, kThreads);
        ASSERT_EQ(*value, value_of(writer));
      }
      if (round % 5 == 4) store().mdelete({keys[thread]});
    }
    store().mset(entries);
  });
  for (const auto& value : store().mget(keys)) EXPECT_TRUE(value.has_value());
  EXPECT_EQ(sorted_keys().size(), keys.size());
}

TEST_P(Threads, MayShareTheValuesThatOneOfThemRead) {
  store().mset({{"a", noise(100'000, 1)}});
  const auto value = store().mget({"a"})[0].value();
  on_threads([&](std::size_t thread) {
    const Bytes copy = value;
    ASSERT_EQ(copy, noise(100'000, 1));
    store().mset({{"b" + std::to_string(thread), copy}});
  });
  EXPECT_EQ(store().mget({"b0", "b7"}), (ByteStore::Values{value, value}));
}

INSTANTIATE_TEST_SUITE_P(Backends, Threads, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
