// Tables of many rows, deleted rows and large values, on a real server.

#include <boost/asio/use_future.hpp>
#include <cstddef>
#include <future>
#include <set>

#include "bytestore/async.hpp"
#include "cassandra_test.hpp"
#include "for_each_key.hpp"
#include "support/peak_memory.hpp"

namespace bytestore {
namespace {

using boost::asio::use_future;
using testing::entries_of;
using testing::noise;
using testing::numbered_keys;
using testing::PeakMemory;
using testing::walk;

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

/// What a call may add to what the program has, whatever its batches hold.
constexpr std::size_t kMemory = 96 * kMebibyte;

class LargeTablesTest : public CassandraTest {
 protected:
  /// Writes some keys and lists them, where the server gives up on one read of the whole table: it
  /// meets more than 100,000 of what is dead.
  void expect_live_keys_in_spite_of_the_dead(CassandraByteStore& kv) const {
    auto live = numbered_keys("live", 100);
    kv.mset(entries_of(live));
    const auto one_read =
        cassandra::query(*other, "SELECT DISTINCT row_id FROM " + qualified_table());
    EXPECT_EQ(cassandra::error_of(one_read).code, cassandra::DriverErrorCode::read_failure);

    auto listed = walk(kv.yield_keys());
    std::ranges::sort(listed);
    std::ranges::sort(live);
    EXPECT_EQ(listed, live);
  }

  /// Calls `write` for each 10,000 of `count` numbers.
  template <typename Write>
  static void in_calls(std::size_t count, const Write& write) {
    constexpr std::size_t kCall = 10'000;
    for (std::size_t begin = 0; begin < count; begin += kCall) write(begin, begin + kCall);
  }
};

TEST_F(LargeTablesTest, DeletedRowsDoNotStopAListing) {
  constexpr std::size_t kDeletedRows = 200'000;    // whole, which a server does not count
  constexpr std::size_t kDeletedValues = 120'000;  // rows without another value: these it counts
  auto kv = store();
  const auto keys = numbered_keys("row", kDeletedRows);
  const auto part = [&](std::size_t begin, std::size_t end) {
    return std::vector<std::string>(keys.begin() + static_cast<std::ptrdiff_t>(begin),
                                    keys.begin() + static_cast<std::ptrdiff_t>(end));
  };
  in_calls(kDeletedRows, [&](auto begin, auto end) { kv.mset(entries_of(part(begin, end))); });
  in_calls(kDeletedRows, [&](auto begin, auto end) { kv.mdelete(part(begin, end)); });
  for_each_key(*other, "DELETE body_blob FROM " + qualified_table() + " WHERE row_id = ?",
               numbered_keys("value", kDeletedValues));
  expect_live_keys_in_spite_of_the_dead(kv);
}

TEST_F(LargeTablesTest, ExpiredRowsDoNotStopAListing) {
  constexpr std::size_t kExpired = 220'000;
  auto kv = store();
  const auto keys = numbered_keys("expired", kExpired);
  for_each_key(
      *other,
      "INSERT INTO " + qualified_table() + " (row_id, body_blob) VALUES (?, 0x76) USING TTL 1",
      keys);
  while (kv.mget({keys.back()}).front()) {
  }
  expect_live_keys_in_spite_of_the_dead(kv);
}

TEST_F(LargeTablesTest, KeysOfLargeValuesAreListedWithoutThem) {
  constexpr std::size_t kKeys = 5'000;  // 500 MB: what a test machine writes in seconds
  constexpr std::size_t kValue = 100'000;
  auto kv = store();
  const auto value = noise(kValue, 1);
  const auto keys = numbered_keys("large", kKeys);
  std::size_t key_bytes = 0;
  for (const auto& key : keys) key_bytes += key.size();
  for (std::size_t begin = 0; begin < kKeys; begin += 100) {
    std::vector<EntryRef> entries;
    for (std::size_t i = begin; i < begin + 100; ++i) entries.push_back({keys[i], value});
    kv.mset(entries);
  }
  const PeakMemory memory;
  const auto listed = walk(kv.yield_keys());
  EXPECT_LT(memory.added(), kMemory);
  EXPECT_EQ(std::set<std::string>(listed.begin(), listed.end()),
            std::set<std::string>(keys.begin(), keys.end()));
  EXPECT_EQ(listed.size(), kKeys);
  EXPECT_EQ(kv.stats().yield_keys.bytes_received, key_bytes);
}

TEST_F(LargeTablesTest, MemoryStaysFlatHoweverMuchIsWrittenAndRead) {
  constexpr std::size_t kKeys = 200'000;
  auto kv = store();
  const auto keys = numbered_keys("stream", kKeys);
  const auto value = noise(1'024, 1);
  std::vector<EntryRef> entries;
  std::vector<std::string_view> asked;
  const PeakMemory writing;
  in_calls(kKeys, [&](auto begin, auto end) {
    entries.clear();
    for (auto i = begin; i < end; ++i) entries.push_back({keys[i], value});
    kv.mset(entries);
  });
  EXPECT_LT(writing.added(), kMemory);

  const PeakMemory reading;
  std::size_t found = 0;
  in_calls(kKeys, [&](auto begin, auto end) {
    asked.assign(keys.begin() + static_cast<std::ptrdiff_t>(begin),
                 keys.begin() + static_cast<std::ptrdiff_t>(end));
    for (const auto& read : kv.mget(asked)) found += read == value ? 1U : 0U;
  });
  EXPECT_EQ(found, kKeys);
  EXPECT_LT(reading.added(), kMemory);
}

TEST_F(LargeTablesTest, ALargeCallDoesNotHoldUpSmallOnes) {
  auto kv = store();
  kv.mset({{"small", as_bytes("value")}});
  std::vector<Entry> entries;
  const auto value = noise(1'024, 1);
  for (const auto& key : numbered_keys("large", 100'000)) entries.push_back({key, value});
  auto large = kv.amset(std::move(entries), use_future);
  int small = 0;
  while (large.wait_for(std::chrono::seconds{0}) != std::future_status::ready) {
    ASSERT_EQ(kv.mget({"small"}).front(), testing::text("value"));
    ++small;
  }
  large.get();
  EXPECT_GE(small, 20) << "one call of 100,000 keys left no turn to the others";
}

}  // namespace
}  // namespace bytestore
