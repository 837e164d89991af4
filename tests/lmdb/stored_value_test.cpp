/// How values are stored, which never changes, and whether damage to them is seen.

#include "lmdb/stored_value.hpp"

#include "lmdb/stored_key.hpp"
#include "lmdb_test.hpp"

namespace bytestore {
namespace {

using lmdb_backend::is_intact;
using lmdb_backend::kCutBytes;
using lmdb_backend::parse_value;
using ::testing::HasSubstr;

std::string written(const std::string& key, const Bytes& value) {
  std::string bytes(lmdb_backend::stored_value_bytes(key, value.size()), '\0');
  lmdb_backend::write_value(bytes.data(), key, value);
  return bytes;
}

/// Whether what is stored for a key can be told from what was written.
bool is_seen_as_damaged(const std::string& stored, const std::string& key) {
  const auto value = parse_value(stored, lmdb_backend::is_long(key));
  return !value || !is_intact(*value, key) || (lmdb_backend::is_long(key) && value->key != key);
}

TEST(StoredValues, NeverChange) {
  EXPECT_EQ(written("key", text("value")), "\x01\x02\x8E\x11\x11\x2Evalue");
  EXPECT_EQ(written("key", text("")), "\x01\x02\xD3\x08\x91\x76");
  const std::string key(kCutBytes + 1, 'k');
  EXPECT_EQ(written(key, text("value")),
            "\x01\x02\x64\x23\xFA\x1A\x3F\x78\x97\x13\xEE\x01" + key + "value");
}

TEST(StoredValues, ShowEveryFlippedBit) {
  for (const auto& key : {std::string("key"), std::string(kCutBytes + 1, 'k')}) {
    for (const std::size_t size : {0U, 1U, 100U, 1'000U}) {
      const auto intact = written(key, noise(size, size));
      ASSERT_FALSE(is_seen_as_damaged(intact, key));
      for (std::size_t bit = 0; bit != 8 * intact.size(); ++bit) {
        auto damaged = intact;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
        ASSERT_TRUE(is_seen_as_damaged(damaged, key)) << size << " bytes, bit " << bit;
      }
    }
  }
}

TEST(StoredValues, ShowWhereTheyWereCut) {
  for (const auto& key : {std::string("key"), std::string(kCutBytes + 1, 'k')}) {
    const auto intact = written(key, noise(100, 1));
    for (std::size_t size = 0; size != intact.size(); ++size) {
      ASSERT_TRUE(is_seen_as_damaged(intact.substr(0, size), key)) << size;
    }
  }
}

TEST(StoredValues, BelongToTheirKey) {
  EXPECT_TRUE(is_seen_as_damaged(written("one", text("value")), "another"));
}

class DamagedValues : public LmdbTest {
 protected:
  /// Flips a bit of what is stored under a key.
  void flip(const std::string& stored_key, std::size_t byte) const {
    auto value = stored(path(), stored_key);
    value.at(byte) = static_cast<char>(value.at(byte) ^ 1);
    change(path(), [&](MDB_txn* transaction, MDB_dbi database) {
      put(transaction, database, stored_key, value);
    });
  }
};

TEST_F(DamagedValues, AreErrorsOfTheirKeys) {
  open()->mset({{"a", text("1")}, {"b", text("2")}, {"large", noise(100'000, 1)}});
  flip("a", 6);
  flip("large", 90'000);
  const auto store = open();
  const auto error = batch_error_of([&] { store->mget({"a", "b", "large", "absent"}); });
  ASSERT_EQ(error.failures().size(), 2U);
  for (const auto& failure : error.failures()) {
    EXPECT_EQ(failure.code, ErrorCode::corrupt);
    EXPECT_THAT(failure.message, HasSubstr("does not match its checksum"));
  }
  EXPECT_EQ(error.failures().front().index, 0U);
  EXPECT_EQ(error.failures().back().index, 2U);
  EXPECT_EQ(walk(store->yield_keys()), (std::vector<std::string>{"a", "b", "large"}));
  store->mset({{"a", text("again")}});
  store->mdelete({"large"});
  EXPECT_EQ(store->mget({"a", "large"}), (ByteStore::Values{text("again"), std::nullopt}));
}

TEST_F(DamagedValues, OfALongKeyAreErrorsOfItAndOfItsListing) {
  const std::string key(600, 'k');
  open()->mset({{key, text("1")}});
  const auto stored_key = std::string(lmdb_backend::StoredLongKey(key).with_number(0));
  flip(stored_key, stored(path(), stored_key).size() - 1);
  EXPECT_EQ(code_of([&] { open()->mget({key}); }), ErrorCode::corrupt);
  EXPECT_EQ(walk(open()->yield_keys()), std::vector<std::string>{key});
  flip(stored_key, 100);  // of the key
  EXPECT_EQ(code_of([&] { open()->mget({key}); }), ErrorCode::corrupt);
  EXPECT_EQ(code_of([&] { walk(open()->yield_keys()); }), ErrorCode::corrupt);
  open()->mset({{key, text("again")}});
  EXPECT_EQ(open()->mget({key}), ByteStore::Values{text("again")});
}

}  // namespace
}  // namespace bytestore
