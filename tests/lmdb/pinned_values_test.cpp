/// Values that were read for a binding to another language point into the file.

#include <thread>

#include "bytestore/detail/store_access.hpp"
#include "lmdb_test.hpp"

namespace bytestore {
namespace {

class PinnedValues : public LmdbTest {
 protected:
  static ByteStore::Values pin(ByteStore& store, const KeyList& keys) {
    return detail::StoreAccess::mget_pinned(store, keys, {});
  }
};

TEST_F(PinnedValues, AreNotCopied) {
  const auto store = open();
  store->mset({{"a", text("1")}});
  const auto values = pin(*store, {"a"});
  EXPECT_EQ(pin(*store, {"a"})[0]->data(), values[0]->data());
  EXPECT_NE(store->mget({"a"})[0]->data(), values[0]->data());
}

TEST_F(PinnedValues, StayAsTheyWereWhateverIsWritten) {
  const auto store = open({.sync = false});
  const auto keys = numbered_keys("key", 3'000);
  std::vector<Entry> entries;
  for (const auto& key : keys) entries.push_back({key, noise(500, entries.size())});
  store->mset(entries);
  const auto values = pin(*store, keys);
  for (std::size_t round = 1; round < 4; ++round) {
    for (std::size_t i = 0; i < keys.size(); ++i) entries[i].value = noise(500, round * 5'000 + i);
    store->mset(entries);
  }
  for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(values[i], noise(500, i));
  EXPECT_EQ(store->mget({keys[7]}), ByteStore::Values{entries[7].value});
}

TEST_F(PinnedValues, OutliveTheirStoreAndTheFolder) {
  auto store = open();
  store->mset({{"a", text("1")}});
  auto values = pin(*store, {"a"});
  store->close();
  store.reset();
  std::filesystem::remove_all(path());
  EXPECT_EQ(values, ByteStore::Values{text("1")});
  std::jthread([values = std::move(values)]() mutable { values.clear(); });
}

TEST_F(PinnedValues, KeepAWriteWaitingOnlyWhereTheMapHasToGrow) {
  const auto store = open_with_small_map();
  store->mset({{"a", text("1")}});
  auto values = pin(*store, {"a"});
  store->mset({{"a", text("2")}});
  std::jthread writer([&] { store->mset({{"large", noise(4 * kMiB, 1)}}); });
  EXPECT_EQ(values, ByteStore::Values{text("1")});
  values.clear();
  writer.join();
  EXPECT_EQ(store->mget({"a", "large"}), (ByteStore::Values{text("2"), noise(4 * kMiB, 1)}));
}

}  // namespace
}  // namespace bytestore
