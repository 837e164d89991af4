#include "bytestore/batch.hpp"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/values.hpp"

namespace bytestore {
namespace {

using testing::text;

std::vector<std::string_view> seen(const KeyList& keys) {
  return {keys.view().begin(), keys.view().end()};
}

TEST(KeyList, IsMadeOfAnyRangeOfStrings) {
  const std::vector<std::string_view> expected{"a", "b"};
  EXPECT_EQ(seen({"a", "b"}), expected);
  EXPECT_EQ(seen(std::vector<std::string>{"a", "b"}), expected);
  EXPECT_EQ(seen(std::set<std::string_view>{"b", "a"}), expected);
  EXPECT_EQ(seen(std::list<std::string>{"a", "b"}), expected);
  EXPECT_EQ(seen(std::array<const char*, 2>{"a", "b"}), expected);
  EXPECT_TRUE(seen({}).empty());
}

TEST(KeyList, BorrowsItsStrings) {
  const std::vector<std::string> keys{std::string(100, 'k')};
  EXPECT_EQ(KeyList(keys).view()[0].data(), keys[0].data());
}

std::vector<std::string> seen(const EntryList& entries) {
  std::vector<std::string> all;
  for (const EntryRef& entry : entries.view()) {
    all.push_back(std::string(entry.key) + "=" + std::string(Bytes::copy(entry.value).view()));
  }
  return all;
}

TEST(EntryList, IsMadeOfAnyRangeOfEntriesOrPairs) {
  const std::vector<std::string> expected{"a=1", "b=2"};
  EXPECT_EQ(seen({{"a", text("1")}, {"b", text("2")}}), expected);
  EXPECT_EQ(seen({{"a", as_bytes("1")}, {"b", as_bytes("2")}}), expected);
  EXPECT_EQ(seen(std::vector<Entry>{{"a", text("1")}, {"b", text("2")}}), expected);
  EXPECT_EQ(seen(std::map<std::string, Bytes>{{"b", text("2")}, {"a", text("1")}}), expected);
  EXPECT_EQ(seen(std::deque<EntryRef>{{"a", as_bytes("1")}, {"b", as_bytes("2")}}), expected);
  EXPECT_TRUE(seen(EntryList({})).empty());
}

TEST(EntryList, IsMadeOfEntriesInBraces) {
  const Entry a{"a", text("1")};
  Entry b{"b", text("2")};
  EXPECT_EQ(seen({a}), std::vector<std::string>{"a=1"});
  EXPECT_EQ(seen({a, b}), (std::vector<std::string>{"a=1", "b=2"}));
  EXPECT_EQ(seen({Entry{"c", text("3")}}), std::vector<std::string>{"c=3"});
  EXPECT_EQ(EntryList({a}).view()[0].value.data(), a.value.data());
}

template <typename Value>
concept ValueOfAnEntry = requires(std::map<std::string, Value> entries) { EntryList(entries); };

TEST(EntryList, TakesATextOnlyAsBytes) {
  EXPECT_TRUE(ValueOfAnEntry<Bytes>);
  EXPECT_TRUE(ValueOfAnEntry<decltype(as_bytes(""))>);
  EXPECT_FALSE(ValueOfAnEntry<std::string>);
  EXPECT_FALSE(ValueOfAnEntry<const char*>);
}

TEST(EntryList, BorrowsItsValues) {
  const std::vector<Entry> entries{{"a", text("value")}};
  EXPECT_EQ(EntryList(entries).view()[0].value.data(), entries[0].value.data());
}

}  // namespace
}  // namespace bytestore
