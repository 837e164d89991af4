/// The map grows by itself, whoever filled it, and the file does not grow without need.

#include <atomic>
#include <thread>

#include "lmdb_test.hpp"

namespace bytestore {
namespace {

class Growth : public LmdbTest {};

TEST_F(Growth, OfTheMapIsNotSeen) {
  const auto store = open_with_small_map();
  for (std::size_t i = 0; i < 10; ++i) store->mset({{std::to_string(i), noise(kMiB, i)}});
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(store->mget({std::to_string(i)})[0], noise(kMiB, i));
  }
}

TEST_F(Growth, WithinOneBatchKeepsItWhole) {
  const auto store = open_with_small_map();
  const auto keys = numbered_keys("key", 9'000);
  std::vector<Entry> entries;
  for (const auto& key : keys) entries.push_back({key, noise(800, entries.size())});
  store->mset(entries);
  const auto values = store->mget(keys);
  for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], entries[i].value);
}

TEST_F(Growth, GoesOnWhileOthersReadAndList) {
  const auto store = open_with_small_map();
  store->mset({{"a", text("1")}});
  std::atomic<bool> done = false;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        ASSERT_EQ(store->mget({"a"})[0], text("1"));
        ASSERT_EQ(*store->yield_keys({.prefix = "a"}).begin(), "a");
      }
    });
  }
  for (std::size_t i = 0; i < 24; ++i) store->mset({{std::to_string(i), noise(kMiB, i)}});
  done = true;
}

TEST_F(Growth, ByAnotherProcessIsFollowedByReaders) {
  const auto store = open_with_small_map();
  store->mset({{"a", text("1")}});
  HelperProcess other({"fill", path().string(), "8"});
  ASSERT_EQ(other.read_line(), "filled");
  EXPECT_EQ(store->mget({"a", "filled7"}), (ByteStore::Values{text("1"), noise(kMiB, 7)}));
}

TEST_F(Growth, ByAnotherProcessIsFollowedByListingsAndWriters) {
  for (const bool writes : {false, true}) {
    const auto store = open_with_small_map();
    HelperProcess other({"fill", path().string(), writes ? "64" : "8"});
    ASSERT_EQ(other.read_line(), "filled");
    if (writes) {
      store->mset({{"b", text("2")}});
      EXPECT_EQ(store->mget({"b"}), ByteStore::Values{text("2")});
    } else {
      EXPECT_EQ(walk(store->yield_keys()).size(), 8U);
    }
  }
}

TEST_F(Growth, OfAValueLargerThanTheMap) {
  const auto store = open_with_small_map();
  store->mset({{"a", noise(50 * kMiB, 1)}});
  EXPECT_EQ(store->mget({"a"})[0], noise(50 * kMiB, 1));
}

/// Readers that were killed would keep every page that is freed.
TEST_F(Growth, OfTheFileEndsWhenKilledReadersAreForgotten) {
  const auto store = open({.sync = false});
  const auto rewrite = [&] {
    for (std::size_t i = 0; i < 8; ++i) store->mset({{std::to_string(i), noise(kMiB, i)}});
  };
  rewrite();
  HelperProcess reader({"snapshot", path().string(), "130"});
  ASSERT_EQ(reader.read_line(), "reading");
  rewrite();
  reader.kill();
  rewrite();
  const auto before = file_bytes();
  for (int i = 0; i < 6; ++i) rewrite();
  EXPECT_LT(file_bytes(), before + 8 * kMiB);
}

TEST_F(Growth, OfTheFileIsNotCausedByAListingThatRests) {
  const auto store = open({.sync = false});
  store->mset(entries_of(numbered_keys("key", 3'000)));
  const auto rewrite = [&] {
    for (std::size_t i = 0; i < 8; ++i) store->mset({{std::to_string(i), noise(kMiB, i)}});
  };
  rewrite();
  auto view = store->yield_keys();
  auto key = view.begin();
  rewrite();
  const auto before = file_bytes();
  for (int i = 0; i < 6; ++i) rewrite();
  EXPECT_LT(file_bytes(), before + 8 * kMiB);
  EXPECT_NE(key, view.end());
}

}  // namespace
}  // namespace bytestore
