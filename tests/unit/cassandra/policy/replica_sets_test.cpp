#include "cassandra/policy/replica_sets.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "unit/support/fake_driver.hpp"

namespace bytestore::cassandra {
namespace {

using ::testing::ElementsAre;

constexpr NodeId kOne{.high = 1};
constexpr NodeId kTwo{.high = 2};
constexpr NodeId kThree{.high = 3};

TEST(ReplicaSetsTest, ATokenBelongsToTheRangeThatEndsAtOrAfterIt) {
  FakeTopology topology;
  topology.tokens = {{-100, kOne}, {0, kTwo}, {100, kThree}};
  topology.owners = {{-100, {kOne}}, {0, {kTwo}}, {100, {kThree}}};
  const ReplicaSets sets(topology);
  const auto nodes_of = [&](std::int64_t token) { return sets.nodes(sets.of(token)); };
  EXPECT_THAT(nodes_of(-100), ElementsAre(kOne));
  EXPECT_THAT(nodes_of(-99), ElementsAre(kTwo));
  EXPECT_THAT(nodes_of(0), ElementsAre(kTwo));
  EXPECT_THAT(nodes_of(100), ElementsAre(kThree));
  EXPECT_THAT(nodes_of(101), ElementsAre(kOne)) << "the ring closes";
  EXPECT_THAT(nodes_of(std::numeric_limits<std::int64_t>::min()), ElementsAre(kOne));
  EXPECT_THAT(nodes_of(std::numeric_limits<std::int64_t>::max()), ElementsAre(kOne));
}

TEST(ReplicaSetsTest, TheOrderOfReplicasMakesNoOtherSet) {
  FakeTopology topology;
  topology.tokens = {{0, kOne}, {100, kTwo}, {200, kThree}};
  topology.owners = {{0, {kOne, kTwo}}, {100, {kTwo, kOne}}, {200, {kThree, kOne}}};
  const ReplicaSets sets(topology);
  EXPECT_EQ(sets.size(), 2U);
  EXPECT_EQ(sets.of(0), sets.of(100));
  EXPECT_NE(sets.of(0), sets.of(200));
}

TEST(ReplicaSetsTest, KnowsWhetherTheDriverKnowsAll) {
  FakeTopology topology;
  EXPECT_FALSE(ReplicaSets(topology).complete());
  EXPECT_EQ(ReplicaSets(topology).size(), 1U);
  topology.fallback = {kOne};
  EXPECT_TRUE(ReplicaSets(topology).complete());
  topology.tokens = {{0, kOne}, {100, kTwo}};
  topology.owners = {{100, {}}};
  EXPECT_FALSE(ReplicaSets(topology).complete());
}

}  // namespace
}  // namespace bytestore::cassandra
