/// Chains of calls of one thread, of one key and of many, each begun without waiting for the ones
/// before: the last write of a key wins, and reads see the writes that were begun before them.

#include <algorithm>
#include <boost/asio/use_future.hpp>
#include <future>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bytestore/async.hpp"
#include "contract_test.hpp"

namespace bytestore::contract {
namespace {

using boost::asio::use_future;

constexpr std::size_t kKeys = 8;
constexpr int kCalls = 300;

/// So long that calls that are begun behind it have the time to overtake it.

/// What a key has had: a value, or nothing, from each of the writes to it on.
using History = std::vector<std::optional<Bytes>>;

/// A read under way, and how much of each key's history was begun before it.
struct Read {
  std::future<ByteStore::Values> values;
  std::vector<std::size_t> begun;
};

class OrderChain : public ContractTest {
 protected:
  OrderChain() : keys_(numbered_keys("key", kKeys)), histories_(kKeys, {std::nullopt}) {}

  /// Begins one call, or makes one that blocks.
  void step() {
    switch (random_() % 8) {
      case 0:
      case 1:
      case 2:
        return write(random_() % 8 == 0);
      case 3:
      case 4:
        return remove();
      case 5:
        return block();
      default:
        reads_.push_back({.values = store().amget(keys_, use_future), .begun = lengths()});
    }
  }

  void end() {
    for (auto& write : std::exchange(writes_, {})) write.get();
    for (auto& read : std::exchange(reads_, {})) check(read.values.get(), read.begun);
    const auto values = store().mget(keys_);
    for (std::size_t i = 0; i < kKeys; ++i) {
      EXPECT_EQ(values[i], histories_[i].back()) << keys_[i];
    }
  }

  std::mt19937 random_;

 private:
  /// One or several keys, in any order.
  std::vector<std::size_t> some_keys() {
    std::vector<std::size_t> some(kKeys);
    for (std::size_t i = 0; i < kKeys; ++i) some[i] = i;
    std::ranges::shuffle(some, random_);
    some.resize(random_() % 2 == 0 ? 1 : 1 + random_() % kKeys);
    return some;
  }

  std::vector<Entry> some_entries() {
    const auto value = text(std::to_string(++count_));
    std::vector<Entry> entries;
    for (const auto i : some_keys()) {
      entries.push_back({.key = keys_[i], .value = value});
      histories_[i].emplace_back(value);
    }
    return entries;
  }

  std::vector<std::string> some_removed() {
    std::vector<std::string> keys;
    for (const auto i : some_keys()) {
      keys.push_back(keys_[i]);
      histories_[i].emplace_back();
    }
    return keys;
  }

  void write(bool is_long) {
    auto entries = is_long ? entries_of(numbered_keys("other", kLongBatch)) : std::vector<Entry>{};
    std::ranges::move(some_entries(), std::back_inserter(entries));
    writes_.push_back(store().amset(std::move(entries), use_future));
  }

  void remove() { writes_.push_back(store().amdelete(some_removed(), use_future)); }

  [[nodiscard]] std::vector<std::size_t> lengths() const {
    std::vector<std::size_t> lengths;
    for (const auto& history : histories_) lengths.push_back(history.size());
    return lengths;
  }

  void block() {
    switch (random_() % 3) {
      case 0:
        return store().mset(some_entries());
      case 1:
        return store().mdelete(some_removed());
      default:
        return check(store().mget(keys_), lengths());
    }
  }

  /// A read may also see what was begun after it. Where reads may overtake, nothing of a chain is
  /// known to be acknowledged before them.
  void check(const ByteStore::Values& values, const std::vector<std::size_t>& begun) {
    for (std::size_t i = 0; i < kKeys; ++i) {
      const auto& history = histories_[i];
      const std::size_t oldest = GetParam().exceptions.reads_may_overtake_writes ? 0 : begun[i] - 1;
      const auto from = history.begin() + static_cast<std::ptrdiff_t>(oldest);
      EXPECT_NE(std::find(from, history.end(), values[i]), history.end())
          << keys_[i] << " is what it was before a write that was begun before the read";
    }
  }

  std::vector<std::string> keys_;
  std::vector<History> histories_;
  std::vector<std::future<void>> writes_;
  std::vector<Read> reads_;
  int count_ = 0;
};

TEST_P(OrderChain, OfCallsThatNobodyWaitsFor) {
  for (const unsigned seed : {1U, 2U, 3U, 4U, 5U}) {
    SCOPED_TRACE(seed);
    random_.seed(seed);
    for (int call = 0; call < kCalls; ++call) step();
    end();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, OrderChain, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
