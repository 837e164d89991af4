/// Values that were read without a copy live as long as they are held.

#include <thread>

#include "bytestore/detail/store_access.hpp"
#include "rocksdb_test.hpp"

namespace bytestore {
namespace {

class PinnedValues : public RocksDBTest {
 protected:
  /// Writes values that are pinned when they are read, and reads them from a table file.
  void write() {
    open()->mset(entries_);
    flush_to_table();
  }

  PinnedValues() {
    for (std::size_t i = 0; i < 100; ++i) {
      keys_.push_back("key" + std::to_string(i));
      expected_.emplace_back(noise(16'384, i));
      entries_.push_back({keys_.back(), *expected_.back()});
    }
  }

  std::vector<std::string> keys_;
  std::vector<Entry> entries_;
  ByteStore::Values expected_;
};

TEST_F(PinnedValues, OutliveTheirStore) {
  write();
  auto store = open();
  auto values = store->mget(keys_);
  EXPECT_EQ(store->mget({keys_[7]})[0]->data(), values[7]->data()) << "read without a copy";
  store.reset();
  EXPECT_EQ(values, expected_);
  std::jthread([values = std::move(values), this] { EXPECT_EQ(values, expected_); });
}

TEST_F(PinnedValues, OutliveTheirFolder) {
  write();
  auto values = open()->mget(keys_);
  std::filesystem::remove_all(path());
  EXPECT_EQ(values, expected_);
}

TEST_F(PinnedValues, OutliveTheirEntryInASmallCache) {
  write();
  for (const std::size_t cache_bytes : {0U, 1U, 100'000U}) {
    auto store = open({.block_cache_bytes = cache_bytes});
    const auto values = store->mget(keys_);
    EXPECT_EQ(store->mget(keys_), expected_);
    store.reset();
    EXPECT_EQ(values, expected_);
  }
}

TEST_F(PinnedValues, OutliveOverwritingDeletingAndCompaction) {
  write();
  auto store = open();
  const auto values = store->mget(keys_);
  store->mdelete(keys_);
  store.reset();
  const auto database = open_database();
  ASSERT_TRUE(database->CompactRange({}, nullptr, nullptr).ok());
  EXPECT_EQ(values, expected_);
}

TEST_F(PinnedValues, DoNotHoldTheFolder) {
  write();
  auto store = open();
  const auto values = store->mget(keys_);
  EXPECT_NO_THROW(store->close());
  EXPECT_EQ(open()->mget(keys_), values);
}

TEST_F(PinnedValues, MayBeLetGoFromManyThreadsWhileTheStoreCloses) {
  write();
  auto store = open();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([values = store->mget(keys_), this]() mutable {
      for (std::size_t k = 0; k < keys_.size(); ++k) {
        EXPECT_EQ(values[k], expected_[k]);
        values[k].reset();
      }
    });
  }
  store.reset();
}

TEST_F(PinnedValues, AreWrittenBackUnchanged) {
  write();
  const auto store = open();
  const auto values = store->mget(keys_);
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < keys_.size(); ++i) entries.push_back({"copy" + keys_[i], *values[i]});
  store->mset(entries);
  EXPECT_EQ(store->mget({"copykey3"}), ByteStore::Values{expected_[3]});
}

/// As bindings to other languages read: their values may pin far more than they are.
TEST_F(PinnedValues, OfAPinnedReadAreNotCopiedHoweverSmall) {
  const ByteStore::Values small{text("1"), text("2")};
  open()->mset({{"a", *small[0]}, {"b", *small[1]}});
  flush_to_table();
  auto store = open();
  const auto pin = [&](const KeyList& keys) {
    return detail::StoreAccess::mget_pinned(*store, keys, {});
  };
  const auto values = pin({"a", "b"});
  EXPECT_EQ(pin({"a", "b"})[0]->data(), values[0]->data());
  EXPECT_EQ(pin({"b"})[0]->data(), values[1]->data());
  EXPECT_NE(store->mget({"a"})[0]->data(), values[0]->data());
  store.reset();
  EXPECT_EQ(values, small);
}

}  // namespace
}  // namespace bytestore
