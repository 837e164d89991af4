#include "cassandra/policy/duplicate_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace bytestore::cassandra {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

UniqueKeys distinct(const std::vector<std::string>& keys, UniqueKeys::Keep keep) {
  return {keys.size(), keep, [&](std::size_t i) { return std::string_view(keys[i]); }};
}

std::vector<std::size_t> positions(const UniqueKeys& keys) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < keys.size(); ++i) all.push_back(keys.position(i));
  return all;
}

TEST(DistinctKeysTest, AreAllPositionsIfNoKeyIsTwice) {
  const auto keys = distinct({"c", "a", "b"}, UniqueKeys::Keep::last);
  EXPECT_THAT(positions(keys), ElementsAre(0, 1, 2));
  EXPECT_THAT(keys.duplicates(), IsEmpty());
  EXPECT_EQ(distinct({}, UniqueKeys::Keep::first).size(), 0U);
  EXPECT_EQ(distinct({"a"}, UniqueKeys::Keep::first).size(), 1U);
}

TEST(DistinctKeysTest, TheFirstOrTheLastStandsForTheOthers) {
  const std::vector<std::string> keys{"a", "b", "a", "c", "a", "b"};
  const auto first = distinct(keys, UniqueKeys::Keep::first);
  EXPECT_THAT(positions(first), ElementsAre(0, 1, 3));
  EXPECT_THAT(first.duplicates(), ElementsAre(Pair(0, 2), Pair(0, 4), Pair(1, 5)));
  const auto last = distinct(keys, UniqueKeys::Keep::last);
  EXPECT_THAT(positions(last), ElementsAre(3, 4, 5));
  EXPECT_THAT(last.duplicates(), ElementsAre(Pair(4, 0), Pair(4, 2), Pair(5, 1)));
}

}  // namespace
}  // namespace bytestore::cassandra
