#include "rocksdb/key_sort.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bytestore::rocksdb_backend {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::uint32_t> positions(std::vector<std::string_view> keys) {
  return positions_by_key(keys);
}

TEST(KeySort, OfNothingIsNothing) { EXPECT_THAT(positions({}), IsEmpty()); }

TEST(KeySort, OrdersByBytes) {
  EXPECT_THAT(positions({"b", "\xC3\xA9", "a", "Z"}), ElementsAre(3, 2, 0, 1));
}

TEST(KeySort, EqualKeysKeepTheirOrder) {
  EXPECT_THAT(positions({"b", "a", "b", "a", "a"}), ElementsAre(1, 3, 4, 0, 2));
  EXPECT_THAT(positions({"a", "a", "a"}), ElementsAre(0, 1, 2));
}

TEST(KeySort, AKeyComesBeforeItsContinuations) {
  using namespace std::string_view_literals;
  EXPECT_THAT(positions({"a\0\0"sv, "a\0"sv, "ab"sv, "a"sv}), ElementsAre(3, 1, 0, 2));
}

TEST(KeySort, LooksBehindACommonPrefixAndBehindTheFirstBytesOfTheRest) {
  EXPECT_THAT(positions({"prefix:12345678b", "prefix:12345678a", "prefix:02345678z"}),
              ElementsAre(2, 1, 0));
}

TEST(KeySort, OrdersAsAStableSortDoes) {
  std::mt19937 random(1);
  std::vector<std::string> keys(2'000);
  for (auto& key : keys) {
    key = "k";
    for (auto length = random() % 12; length > 0; --length) {
      key += static_cast<char>("\0ab\xFF"[random() % 4]);
    }
  }
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  std::vector<std::uint32_t> expected(views.size());
  for (std::uint32_t i = 0; i < expected.size(); ++i) expected[i] = i;
  // (libstdc++'s stable_sort calls what Clang warns of.)
  std::ranges::sort(expected, {}, [&](std::uint32_t i) { return std::pair(views[i], i); });
  EXPECT_EQ(positions_by_key(views), expected);
}

}  // namespace
}  // namespace bytestore::rocksdb_backend
