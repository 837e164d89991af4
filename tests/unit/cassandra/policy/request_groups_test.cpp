#include "cassandra/policy/request_groups.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <random>
#include <set>

namespace bytestore::cassandra {
namespace {

using ::testing::ElementsAre;

constexpr std::size_t kAnyBytes = std::numeric_limits<std::size_t>::max();

TEST(RequestGroupsTest, KeysOfASetGoTogetherUpToTheLimit) {
  RequestGroups plan;
  for (std::size_t i = 0; i < 5; ++i) plan.add(i, 0, 1);
  const RequestGroups::Limits limits{.keys = 2, .bytes = kAnyBytes};
  EXPECT_THAT(plan.next(limits).positions, ElementsAre(0, 1));
  EXPECT_THAT(plan.next(limits).positions, ElementsAre(2, 3));
  EXPECT_THAT(plan.next(limits).positions, ElementsAre(4));
  EXPECT_TRUE(plan.empty());
}

TEST(RequestGroupsTest, SetsTakeTurns) {
  RequestGroups plan;
  for (const ReplicaSets::Id set : {0U, 0U, 0U, 1U, 1U, 2U}) plan.add(set * 10, set, 1);
  const RequestGroups::Limits limits{.keys = 1, .bytes = kAnyBytes};
  std::vector<ReplicaSets::Id> first;
  for (int i = 0; i < 3; ++i) first.push_back(plan.next(limits).set);
  EXPECT_THAT(first, ::testing::UnorderedElementsAre(0, 1, 2));
}

TEST(RequestGroupsTest, BytesBoundAGroup) {
  RequestGroups plan;
  for (const std::size_t bytes : {40U, 50U, 20U}) plan.add(bytes, 0, bytes);
  const RequestGroups::Limits limits{.keys = 10, .bytes = 90};
  const auto first = plan.next(limits);
  EXPECT_THAT(first.positions, ElementsAre(40, 50));
  EXPECT_EQ(first.bytes, 90U);
  EXPECT_THAT(plan.next(limits).positions, ElementsAre(20));
}

TEST(RequestGroupsTest, AKeyThatIsTooLargeGoesAlone) {
  RequestGroups plan;
  for (const std::size_t bytes : {10U, 5'000U, 10U}) plan.add(bytes, 0, bytes);
  const RequestGroups::Limits limits{.keys = 10, .bytes = 100};
  EXPECT_THAT(plan.next(limits).positions, ElementsAre(10));
  EXPECT_THAT(plan.next(limits).positions, ElementsAre(5'000));
  EXPECT_THAT(plan.next(limits).positions, ElementsAre(10));
}

TEST(RequestGroupsTest, CanBeFilledAgain) {
  RequestGroups plan;
  const RequestGroups::Limits limits{.keys = 10, .bytes = kAnyBytes};
  for (std::size_t round = 0; round < 3; ++round) {
    plan.add(round, 7, 1);
    plan.add(round, 3, 1);
    plan.next(limits);
    EXPECT_FALSE(plan.empty());
    plan.next(limits);
    EXPECT_TRUE(plan.empty());
  }
}

TEST(RequestGroupsTest, EveryKeyIsInOneGroupOfItsSet) {
  std::mt19937 random(1);
  RequestGroups plan;
  std::vector<ReplicaSets::Id> set_of(10'000);
  for (std::size_t i = 0; i < set_of.size(); ++i) {
    set_of[i] = static_cast<ReplicaSets::Id>(random() % 50);
    plan.add(i, set_of[i], random() % 1'000);
  }
  std::set<std::size_t> seen;
  while (!plan.empty()) {
    const auto group = plan.next({.keys = 1 + random() % 32, .bytes = random() % 5'000});
    ASSERT_FALSE(group.positions.empty());
    for (const std::size_t position : group.positions) {
      EXPECT_EQ(set_of[position], group.set);
      EXPECT_TRUE(seen.insert(position).second);
    }
  }
  EXPECT_EQ(seen.size(), set_of.size());
}

TEST(RequestGroupsTest, AGroupIsTakenApartIntoEqualParts) {
  const RequestGroups::Group whole{.set = 3, .bytes = 10, .positions = {4, 3, 2, 1, 0}};
  const auto parts = parts_of(whole, 4, [](std::size_t position) { return position; });
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_THAT(parts[0].positions, ElementsAre(4, 3, 2));
  EXPECT_EQ(parts[0].bytes, 9U);
  EXPECT_THAT(parts[1].positions, ElementsAre(1, 0));
  EXPECT_EQ(parts[1].bytes, 1U);
  for (const auto& part : parts) EXPECT_EQ(part.set, 3U);
  EXPECT_EQ(parts_of(whole, 1, [](std::size_t) { return 1; }).size(), 5U);
}

}  // namespace
}  // namespace bytestore::cassandra
