#include "cassandra/policy/replica_sets.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "unit/support/fake_driver.hpp"
#include "unit/support/nodes.hpp"

namespace bytestore::cassandra {
namespace {

using ::testing::ElementsAre;

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

/// A ring of three nodes that the driver does not know, with a fourth one elsewhere.
class UnknownRingTest : public ::testing::Test {
 protected:
  UnknownRingTest() {
    topology.tokens = {{-100, kOne}, {0, kTwo}, {100, kThree}};
    for (const NodeId& id : {kThree, kOne, kTwo}) {
      topology.known.push_back({.id = id, .datacenter = "here"});
    }
    topology.known.push_back({.id = {.high = 4}, .datacenter = "elsewhere"});
  }

  FakeTopology topology;
};

TEST_F(UnknownRingTest, KeysThatEachNodeHoldsMayShareRequests) {
  topology.fallback = {kTwo, kThree, kOne};
  for (const auto partitioner : {Partitioner::random, Partitioner::byte_order}) {
    const ReplicaSets sets(topology, partitioner, "here");
    EXPECT_TRUE(sets.places_keys());
    EXPECT_TRUE(sets.complete());
    EXPECT_EQ(sets.size(), 1U);
    EXPECT_THAT(sets.nodes(sets.of(7)), ElementsAre(kOne, kTwo, kThree));
  }
  const ReplicaSets other(topology, Partitioner::other, "here");
  EXPECT_FALSE(other.places_keys()) << "nothing is known of it";
  EXPECT_THAT(other.nodes(other.of(7)), ElementsAre(kOne, kTwo, kThree));
}

TEST_F(UnknownRingTest, OtherKeysMayNotAndGoToAnyNodeOfTheDatacenter) {
  topology.fallback = {kOne, kTwo};
  topology.owners = {{100, {kTwo, kThree}}};
  for (const auto partitioner :
       {Partitioner::random, Partitioner::byte_order, Partitioner::other}) {
    const ReplicaSets sets(topology, partitioner, "here");
    EXPECT_FALSE(sets.places_keys());
    for (const std::int64_t token : {-100, 0, 100, 1'000}) {
      EXPECT_THAT(sets.nodes(sets.of(token)), ElementsAre(kOne, kTwo, kThree));
    }
  }
  EXPECT_TRUE(ReplicaSets(topology, Partitioner::murmur3, "here").places_keys());
  EXPECT_EQ(ReplicaSets(topology, Partitioner::untold, "here").size(), 2U) << "as Murmur3's";
}

TEST_F(UnknownRingTest, OneSetThatIsNotAllNodesPlacesNoKeys) {
  topology.fallback = {kOne, kTwo};
  EXPECT_FALSE(ReplicaSets(topology, Partitioner::random, "here").places_keys());
}

TEST_F(UnknownRingTest, WithoutNodesIsLookedForAgain) {
  topology.known.clear();
  EXPECT_FALSE(ReplicaSets(topology, Partitioner::random, "here").complete());
}

}  // namespace
}  // namespace bytestore::cassandra
