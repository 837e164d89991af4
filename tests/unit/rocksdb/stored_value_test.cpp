#include "rocksdb/stored_value.hpp"

#include <gtest/gtest.h>

#include <string>

#include "rocksdb/database.hpp"
#include "support/in_child.hpp"

namespace bytestore::rocksdb_backend {
namespace {

using namespace std::string_literals;

/// A value as the database hands it out: pinned to a block, which notes when it is let go.
class PinnedValue {
 public:
  explicit PinnedValue(std::string stored) : block_(std::move(stored)) {}

  rocksdb::PinnableSlice slice() {
    rocksdb::PinnableSlice slice;
    slice.PinSlice(
        rocksdb::Slice(block_), [](void* released, void*) { *static_cast<bool*>(released) = true; },
        &released_, nullptr);
    return slice;
  }

  [[nodiscard]] bool released() const { return released_; }
  [[nodiscard]] const char* data() const { return block_.data(); }

 private:
  std::string block_;
  bool released_ = false;
};

/// A value as the database hands it out when it had to copy it.
rocksdb::PinnableSlice copied(const std::string& stored) {
  rocksdb::PinnableSlice slice;
  slice.PinSelf(rocksdb::Slice(stored));
  return slice;
}

std::shared_ptr<rocksdb::Cache> block_cache() { return rocksdb::NewLRUCache(1'000); }

constexpr std::size_t kShortKey = 10;

/// `take_value` of one that is not read into again.
std::optional<Bytes> taken(rocksdb::PinnableSlice stored, std::size_t key_size,
                           const std::shared_ptr<rocksdb::Cache>& cache) {
  return take_value(stored, key_size, cache);
}

TEST(StoredValue, LosesItsHeader) {
  EXPECT_EQ(taken(copied("\x01\x00value"s), kShortKey, block_cache()), Bytes::copy("value"));
  EXPECT_EQ(taken(copied("\x01\x00"s), kShortKey, block_cache()), Bytes());
  PinnedValue pinned("\x01\x00value"s);
  EXPECT_EQ(taken(pinned.slice(), kShortKey, block_cache()), Bytes::copy("value"));
}

TEST(StoredValue, WithoutAKnownHeaderIsRefusedAndLetGo) {
  EXPECT_EQ(taken(copied("\x02\x00value"s), kShortKey, block_cache()), std::nullopt);
  EXPECT_EQ(taken(copied(""s), kShortKey, block_cache()), std::nullopt);
  PinnedValue pinned("\x01\x01" + std::string(10'000, 'x'));
  EXPECT_EQ(taken(pinned.slice(), kShortKey, block_cache()), std::nullopt);
  EXPECT_TRUE(pinned.released());
}

TEST(StoredValue, ThatIsLargeStaysInItsBlockUntilItsLastCopyIsGone) {
  PinnedValue pinned("\x01\x00"s + std::string(16'384, 'x'));
  auto value = taken(pinned.slice(), kShortKey, block_cache());
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->view().data(), pinned.data() + 2);
  auto copy = std::make_unique<Bytes>(*value);
  value.reset();
  EXPECT_FALSE(pinned.released());
  copy.reset();
  EXPECT_TRUE(pinned.released());
}

TEST(StoredValue, ThatIsSmallIsCopiedOutOfItsBlock) {
  for (const std::size_t size : {0U, 1U, 100U, 4'000U}) {
    PinnedValue pinned("\x01\x00"s + std::string(size, 'x'));
    const auto value = taken(pinned.slice(), kShortKey, block_cache());
    EXPECT_EQ(value, Bytes::copy(std::string(size, 'x')));
    EXPECT_TRUE(pinned.released()) << size;
  }
}

TEST(StoredValue, ThatIsSmallBesideItsKeyIsCopiedOutOfItsBlock) {
  PinnedValue pinned("\x01\x00"s + std::string(16'384, 'x'));
  const auto value = taken(pinned.slice(), 65'535, block_cache());
  EXPECT_EQ(value, Bytes::copy(std::string(16'384, 'x')));
  EXPECT_TRUE(pinned.released());
}

TEST(StoredValue, KeepsTheCacheOfItsBlockAlive) {
  auto cache = block_cache();
  const std::weak_ptr<rocksdb::Cache> watched = cache;
  PinnedValue pinned("\x01\x00"s + std::string(16'384, 'x'));
  auto value = taken(pinned.slice(), kShortKey, cache);
  cache.reset();
  EXPECT_FALSE(watched.expired());
  value.reset();
  EXPECT_TRUE(watched.expired());
}

TEST(StoredValue, IsNotLetGoInAForkedChild) {
  PinnedValue pinned("\x01\x00"s + std::string(16'384, 'x'));
  auto value = taken(pinned.slice(), kShortKey, block_cache());
  EXPECT_EQ(testing::in_child([&] {
              value.reset();
              return pinned.released() ? "let go" : "kept";
            }),
            "kept");
}

TEST(StoredValue, TooLargeNamesSizeAndLimit) {
  const auto message = too_large_message(RocksDBByteStore::kMaxValueBytes + 1);
  EXPECT_NE(message.find("1073741825"), std::string::npos);
  EXPECT_NE(message.find("1073741824"), std::string::npos);
}

}  // namespace
}  // namespace bytestore::rocksdb_backend
