/// Keys around and beyond what LMDB takes: found, kept apart, and listed in the order of their
/// bytes.

#include <rapidcheck.h>

#include <map>
#include <set>

#include "bytestore/keys.hpp"
#include "lmdb/stored_key.hpp"
#include "lmdb/stored_value.hpp"
#include "lmdb_test.hpp"

namespace bytestore {
namespace {

using lmdb_backend::kCutBytes;
using lmdb_backend::StoredLongKey;

/// Keys that share long beginnings, of lengths around the border, and some of them in UTF-8.
rc::Gen<std::string> keys() {
  const auto lengths = rc::gen::weightedOneOf<std::size_t>(
      {{1, rc::gen::inRange<std::size_t>(1, 4)},
       {4, rc::gen::inRange<std::size_t>(kCutBytes - 2, kCutBytes + 4)},
       {3, rc::gen::inRange<std::size_t>(508, 515)},
       {1, rc::gen::element<std::size_t>(600, 2'100, 5'000, 65'535)}});
  const auto tails = rc::gen::container<std::string>(rc::gen::element('a', 'b', '\0', '\x7F'));
  return rc::gen::apply(
      [](std::size_t length, const std::string& begin, const std::string& tail, char filler) {
        std::string key = begin;
        key.resize(length, filler);
        if (tail.size() < length) key.replace(length - tail.size(), tail.size(), tail);
        return key;
      },
      lengths, rc::gen::element<std::string>("", "a", "\xC3\xA9"), tails,
      rc::gen::element('k', 'l'));
}

class LongKeys : public LmdbTest {};

TEST_F(LongKeys, BehaveLikeThoseOfAMap) {
  const bool holds = rc::check("long keys behave like those of a map", [&] {
    const auto all = *rc::gen::container<std::vector<std::string>>(keys());
    const auto removed =
        *rc::gen::container<std::vector<bool>>(all.size(), rc::gen::arbitrary<bool>());
    std::map<std::string, std::string> model;
    const auto store = open({.sync = false});
    store->mdelete(walk(store->yield_keys()));
    for (const auto& key : all) {
      if (bytestore::key_problem(key)) continue;
      model[key] = std::to_string(model.size());
      store->mset({{key, text(model[key])}});
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (bytestore::key_problem(all[i]) || !removed[i]) continue;
      model.erase(all[i]);
      store->mdelete({all[i]});
    }
    std::vector<std::string> expected;
    for (const auto& [key, value] : model) expected.push_back(key);
    RC_ASSERT((walk(store->yield_keys()) == expected));
    if (!expected.empty()) {
      const auto count = *rc::gen::inRange<std::size_t>(1, expected.size() + 1);
      auto view = store->yield_keys();
      auto at = view.begin();
      for (std::size_t i = 1; i < count; ++i) ++at;
      const auto rest = walk(store->yield_keys({.cursor = view.cursor()}));
      RC_ASSERT(std::ranges::equal(rest, std::span(expected).subspan(count)));
    }
    for (const auto& key : all) {
      if (bytestore::key_problem(key)) continue;
      const auto found = model.find(key);
      const auto value = store->mget({key})[0];
      RC_ASSERT(
          (value == (found == model.end() ? std::nullopt : std::optional(text(found->second)))));
      const auto prefix = key.substr(0, *rc::gen::inRange<std::size_t>(0, key.size() + 1));
      std::vector<std::string> with_prefix;
      for (const auto& one : expected) {
        if (one.starts_with(prefix)) with_prefix.push_back(one);
      }
      RC_ASSERT((walk(store->yield_keys({.prefix = prefix})) == with_prefix));
    }
  });
  EXPECT_TRUE(holds);
}

TEST_F(LongKeys, OfOneBeginningAreListedInOrderOverPagesAndFromCursors) {
  const std::string begin(kCutBytes, 'k');
  std::set<std::string> expected{"a", begin, begin + "l", "z"};
  for (int i = 0; i < 2'500; ++i) expected.insert(begin + ":" + std::to_string(i * 7'919 % 10'007));
  const auto store = open({.sync = false});
  store->mset(entries_of({expected.begin(), expected.end()}));
  const auto listed = walk(store->yield_keys());
  EXPECT_TRUE(std::ranges::equal(listed, expected));
  const auto is_of_nine = [&](const auto& key) { return key.starts_with(begin + ":9"); };
  EXPECT_EQ(walk(store->yield_keys({.prefix = begin + ":9"})).size(),
            static_cast<std::size_t>(std::ranges::count_if(expected, is_of_nine)));
  for (const std::size_t count : {1U, 2U, 3U, 999U, 1'003U, 2'000U, 2'503U}) {
    auto view = store->yield_keys();
    auto key = view.begin();
    for (std::size_t i = 1; i < count; ++i) ++key;
    auto rest = walk(store->yield_keys({.cursor = view.cursor()}));
    EXPECT_TRUE(std::ranges::equal(rest, std::span(listed).subspan(count))) << count;
  }
}

TEST_F(LongKeys, StandWholeInTheirValues) {
  const std::string key = std::string(kCutBytes, 'k') + "\xC3\xA9";
  open()->mset({{key, text("value")}});
  const auto stored_key = std::string(StoredLongKey(key).with_number(0));
  ASSERT_EQ(stored_key.size(), 511U);
  EXPECT_EQ(stored_key.substr(0, kCutBytes), key.substr(0, kCutBytes));
  EXPECT_EQ(stored_key[kCutBytes], '\xFF');
  const auto value = stored(path(), stored_key);
  EXPECT_EQ(value.substr(10), std::string("\xEF\x01", 2) + key + "value");
}

/// The digests are on disk.
TEST_F(LongKeys, HaveDigestsThatNeverChange) {
  const std::string key(600, 'k');
  const auto stored_key = std::string(StoredLongKey(key).with_number(7));
  EXPECT_EQ(stored_key.substr(kCutBytes + 1),
            "\xAF\x4C\x18\xA2\x4E\xF3\x56\xC8\x90\xA0\x01\x8E\xFC\x8A\xDC\x45\x07");
}

/// Keys whose digests are equal, as nobody has found yet: one is written here under the digest of
/// another.
class EqualDigests : public LongKeys {
 protected:
  EqualDigests() {
    open();
    change(path(), [&](MDB_txn* transaction, MDB_dbi database) {
      StoredLongKey place(key_);
      put(transaction, database, place.with_number(0), value_of(other_, "0"));
      put(transaction, database, place.with_number(1), value_of(another_, "1"));
    });
  }

  static std::string value_of(const std::string& key, const std::string& value) {
    std::string bytes(lmdb_backend::stored_value_bytes(key, value.size()), '\0');
    lmdb_backend::write_value(bytes.data(), key, text(value));
    return bytes;
  }

  std::string key_ = std::string(600, 'k') + "1";
  std::string other_ = std::string(600, 'k') + "2";
  std::string another_ = std::string(600, 'k') + "3";
};

TEST_F(EqualDigests, AreKeptApart) {
  const auto store = open();
  EXPECT_EQ(store->mget({key_}), ByteStore::Values{std::nullopt});
  store->mset({{key_, text("mine")}});
  EXPECT_EQ(store->mget({key_}), ByteStore::Values{text("mine")});
  store->mset({{key_, text("mine again")}});
  EXPECT_EQ(store->mget({key_}), ByteStore::Values{text("mine again")});
  EXPECT_EQ(walk(store->yield_keys()), (std::vector<std::string>{key_, other_, another_}));
  store->mdelete({key_});
  store->mdelete({key_});
  EXPECT_EQ(walk(store->yield_keys()), (std::vector<std::string>{other_, another_}));
}

TEST_F(EqualDigests, LeaveNoGapWhenOneIsDeleted) {
  open()->mset({{key_, text("2")}});
  change(path(), [&](MDB_txn* transaction, MDB_dbi database) {
    // As if the first of them had been stored by its own key.
    StoredLongKey place(key_);
    put(transaction, database, place.with_number(0), value_of(key_, "first"));
    put(transaction, database, place.with_number(2), value_of(other_, "last"));
  });
  const auto store = open();
  store->mdelete({key_});
  EXPECT_EQ(store->mget({key_}), ByteStore::Values{std::nullopt});
  EXPECT_EQ(walk(store->yield_keys()), (std::vector<std::string>{other_, another_}));
  store->mset({{key_, text("back")}});
  EXPECT_EQ(store->mget({key_}), ByteStore::Values{text("back")});
  EXPECT_EQ(walk(store->yield_keys()).size(), 3U);
}

}  // namespace
}  // namespace bytestore
