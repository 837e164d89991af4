// Servers with each of the partitioners: what goes by token ranges, and what goes by keys.

#include <algorithm>
#include <boost/asio/use_future.hpp>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytestore/async.hpp"
#include "cassandra/ring/ring.hpp"
#include "cassandra_test.hpp"

namespace bytestore {
namespace {

using namespace std::string_literals;
using cassandra::Token;
using testing::entries_of;
using testing::numbered_keys;
using Keys = std::vector<std::string>;

// After the key "a" in each of the orders: of bytes, of the tokens of Murmur3, and of those of the
// RandomPartitioner.
constexpr const char* kCursors[] = {"1b60B7B21361", "1t36BD12A061", "1r5F72439261"};

/// Keys at the ends of rings, with prefixes in common, and some that are long.
Keys odd_keys() {
  return {"\0"s,
          "\0\0"s,
          "\0a"s,
          "\0\xf4\x8f\xbf\xbf"s,
          "\x01"s,
          "\x01\0"s,
          "a"s,
          "a\0"s,
          "a\0\0"s,
          "aa"s,
          "\x7f"s,
          "\xc2\x80"s,
          "\xf4\x8f\xbf\xbf"s,
          "\xf4\x8f\xbf\xbf\xf4\x8f\xbf\xbf"s,
          std::string(65'535, '\0'),
          std::string(65'535, 'k'),
          std::string(65'534, 'k')};
}

class PartitionersTest : public CassandraTest {
 protected:
  [[nodiscard]] const cassandra::Ring& ring() const {
    const auto name = ask("SELECT partitioner FROM system.local");
    return *cassandra::ring_of(cassandra::partitioner_named(name.text(0, 0)));
  }

  /// Writes all odd keys, and so many others that begin alike.
  void fill(std::size_t others) {
    keys_ = odd_keys();
    std::ranges::move(numbered_keys("document/", others), std::back_inserter(keys_));
    store().mset(entries_of(keys_));
  }

  /// The keys that begin with `prefix` in the order of the ring.
  [[nodiscard]] Keys in_order(std::string_view prefix = {}) const {
    const cassandra::Ring& of_servers = ring();
    std::set<std::pair<Token, std::string>> all;
    for (const auto& key : keys_) {
      if (key.starts_with(prefix)) all.emplace(of_servers.token_of(key), key);
    }
    Keys found;
    for (const auto& [token, key] : all) found.push_back(key);
    return found;
  }

  /// Walks to the end, and stops after each `step` keys to go on by a cursor in another store.
  Keys walk_in_steps(std::size_t step) const {
    Keys found;
    std::string cursor;
    for (bool more = true; more;) {
      auto kv = store(SetupMode::off);
      auto view = kv.yield_keys({.cursor = cursor});
      more = false;
      std::size_t count = 0;
      for (const auto& key : view) {
        found.push_back(key);
        if (++count < step) continue;
        cursor = view.cursor();
        more = true;
        break;
      }
    }
    return found;
  }

  /// The keys of a range in its order, by one request.
  [[nodiscard]] Keys keys_of(const cassandra::TokenRange& range) const {
    const auto statement =
        cassandra::prepared(*other, "SELECT DISTINCT row_id FROM " + qualified_table() +
                                        " WHERE token(row_id) > ? AND token(row_id) <= ?");
    const auto after = ring().bound(range.after);
    const auto last = ring().bound(range.last);
    const auto rows = cassandra::value_of(
        cassandra::execute(*other, *statement, {as_bytes(after), as_bytes(last)}));
    Keys keys;
    for (std::size_t row = 0; row < rows.size(); ++row) keys.emplace_back(rows.text(row, 0));
    return keys;
  }

  Keys keys_;
};

TEST_F(PartitionersTest, KeysAreWrittenReadAndDeleted) {
  auto kv = store();
  auto keys = numbered_keys("key", 1'000);
  std::ranges::move(odd_keys(), std::back_inserter(keys));
  const auto entries = entries_of(keys);
  kv.mset(entries);
  const auto values = kv.mget(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(values[i], entries[i].value) << i;
  kv.mdelete(keys);
  for (const auto& value : kv.mget(keys)) EXPECT_FALSE(value);
}

TEST_F(PartitionersTest, TokensAreThoseOfTheServer) {
  fill(20);
  const auto rows = ask("SELECT row_id, token(row_id) FROM " + qualified_table());
  ASSERT_EQ(rows.size(), keys_.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    EXPECT_EQ(ring().bound(ring().token_of(rows.text(row, 0))), rows.text(row, 1));
  }
}

TEST_F(PartitionersTest, AListingGivesEachKeyOnceInTheOrderOfTheRing) {
  fill(10'000);
  auto kv = store();
  EXPECT_EQ(testing::walk(kv.yield_keys()), in_order());
}

TEST_F(PartitionersTest, OfAnEmptyTableIsEmpty) {
  auto kv = store();
  EXPECT_EQ(testing::walk(kv.yield_keys()), Keys());
}

TEST_F(PartitionersTest, AListingOfAPrefix) {
  fill(3'000);
  auto kv = store();
  for (const auto& prefix : {"\0"s, "a"s, "a\0"s, "k"s, "document/1"s, "\xf4"s, "no"s}) {
    EXPECT_EQ(testing::walk(kv.yield_keys({.prefix = prefix})), in_order(prefix));
  }
}

TEST_F(PartitionersTest, AListingGoesOnAfterEachKey) {
  fill(30);
  EXPECT_EQ(walk_in_steps(1), in_order());
}

TEST_F(PartitionersTest, AListingGoesOnAfterPagesAndInTheMiddleOfThem) {
  fill(3'000);
  for (const std::size_t step : {999U, 1'000U, 1'500U}) EXPECT_EQ(walk_in_steps(step), in_order());
}

TEST_F(PartitionersTest, ACursorOfAnotherOrderIsRefused) {
  fill(10);
  auto kv = store();
  auto view = kv.yield_keys();
  static_cast<void>(view.begin());
  const auto own = view.cursor();
  int refused = 0;
  for (const std::string cursor : kCursors) {
    if (cursor[1] == own[1]) {
      EXPECT_NO_THROW(testing::walk(kv.yield_keys({.cursor = cursor})));
      continue;
    }
    ++refused;
    EXPECT_EQ(testing::code_of([&] { testing::walk(kv.yield_keys({.cursor = cursor})); }),
              ErrorCode::invalid_argument);
  }
  EXPECT_EQ(refused, 2);
}

TEST_F(PartitionersTest, AsynchronousListings) {
  using boost::asio::use_future;
  fill(2'000);
  auto kv = store(SetupMode::async);
  auto stream = kv.ayield_keys();
  Keys found;
  for (;;) {
    auto page = stream.next_page(use_future).get();
    if (page.empty()) break;
    std::ranges::move(page, std::back_inserter(found));
  }
  EXPECT_EQ(found, in_order());
}

/// Servers take a range and its halves for what the ring takes them for: however it is divided, the
/// parts have all keys, each once.
TEST_F(PartitionersTest, ARangeIsDividedWithoutLosingKeys) {
  fill(100);
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same each time
  const Keys expected = in_order();
  for (int round = 0; round < 3; ++round) {
    Keys found;
    std::vector<cassandra::TokenRange> rest{ring().whole()};
    for (int halvings = 0; !rest.empty(); ++halvings) {
      const auto range = rest.back();
      rest.pop_back();
      const auto middle = ring().middle(range);
      if (middle && halvings < 60 && random() % 8 != 0) {
        rest.push_back({.after = *middle, .last = range.last});
        rest.push_back({.after = range.after, .last = *middle});
        continue;
      }
      std::ranges::move(keys_of(range), std::back_inserter(found));
    }
    EXPECT_EQ(found, expected);
  }
}

}  // namespace
}  // namespace bytestore
