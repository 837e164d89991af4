#include "cassandra/policy/replica_choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>

#include "unit/support/fake_driver.hpp"
#include "unit/support/nodes.hpp"

namespace bytestore::cassandra {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Nodes = std::vector<NodeId>;

class BestReplicaTest : public ::testing::Test {
 protected:
  NodeId best(std::size_t offset = 0, std::optional<NodeId> avoided = {}) {
    Nodes nodes = replicas;
    move_best_to_front(nodes, offset, avoided, [this](const NodeId& node) { return ranks[node]; });
    EXPECT_THAT(nodes, ::testing::UnorderedElementsAreArray(replicas));
    return nodes.front();
  }

  Nodes replicas{kOne, kTwo, kThree};
  std::map<NodeId, ReplicaRank> ranks;
};

TEST_F(BestReplicaTest, OfEqualsTheFirstFromTheOffsetOn) {
  EXPECT_EQ(best(0), kOne);
  EXPECT_EQ(best(1), kTwo);
  EXPECT_EQ(best(5), kThree);
}

TEST_F(BestReplicaTest, TheOneWithTheFewestRequestsWhateverTheOffset) {
  ranks = {{kOne, {.requests = 3}}, {kTwo, {.requests = 1}}, {kThree, {.requests = 2}}};
  for (const std::size_t offset : {0U, 1U, 2U}) EXPECT_EQ(best(offset), kTwo);
}

TEST_F(BestReplicaTest, AnEjectedOneOnlyIfThereIsNoOther) {
  ranks = {{kOne, {.is_ejected = true}}, {kTwo, {.requests = 9}}, {kThree, {.is_ejected = true}}};
  EXPECT_EQ(best(), kTwo);
  EXPECT_EQ(best(0, kTwo), kOne) << "rather than the avoided one";
}

TEST_F(BestReplicaTest, TheAvoidedOneOnlyIfThereIsNoOther) {
  ranks = {{kOne, {.requests = 0}}, {kTwo, {.requests = 2}}, {kThree, {.requests = 1}}};
  EXPECT_EQ(best(0, kOne), kThree);
  EXPECT_EQ(best(1, kOne), kThree) << "wherever it stands";
  replicas = {kOne};
  EXPECT_EQ(best(0, kOne), kOne);
  replicas = {};
  Nodes none;
  move_best_to_front(none, 7, kOne, [](const NodeId&) { return ReplicaRank{}; });
  EXPECT_THAT(none, IsEmpty());
}

/// Notes what it was asked for, and chooses the first from the offset on.
struct NotedLoads {
  void choose(std::span<NodeId> nodes, std::size_t at, std::optional<NodeId> not_this,
              core::Call::Clock::time_point when) {
    offset = at;
    avoided = not_this;
    now = when;
    move_best_to_front(nodes, at, not_this, [](const NodeId&) { return ReplicaRank{}; });
  }

  std::size_t offset = 0;
  std::optional<NodeId> avoided;
  core::Call::Clock::time_point now{};
};

class ReplicaChoiceTest : public ::testing::Test {
 protected:
  void choose(const ReplicaAttempt& attempt) {
    choose_replica(
        request, attempt, [] { return Nodes{kOne, kTwo}; }, [this] { return latest; }, loads);
  }

  Routed request;
  Nodes latest{kTwo, kThree};
  NotedLoads loads;
};

TEST_F(ReplicaChoiceTest, AFirstAttemptGoesToOneOfTheReplicasThatAreKnown) {
  const core::Call::Clock::time_point now{std::chrono::hours{1}};
  choose({.offset = 1, .now = now});
  EXPECT_EQ(request.node, kTwo);
  EXPECT_THAT(request.replicas, ElementsAre(kTwo, kOne));
  EXPECT_EQ(loads.offset, 1U);
  EXPECT_FALSE(loads.avoided);
  EXPECT_EQ(loads.now, now);
}

TEST_F(ReplicaChoiceTest, ARetryGoesToAnotherOneOfThoseThatAreReplicasNow) {
  choose({.offset = 1});
  choose({.is_first = false, .failed = 1, .offset = 1});
  EXPECT_EQ(loads.offset, 2U) << "it begins at another replica";
  EXPECT_EQ(loads.avoided, kTwo);
  EXPECT_EQ(request.node, kThree);
  EXPECT_THAT(request.replicas, ElementsAre(kThree, kTwo));
}

TEST_F(ReplicaChoiceTest, ALaterPageOrASpeculativeRequestHasTheSameReplicas) {
  choose({});
  latest = {};
  request.replicas = {kOne, kThree};
  choose({.is_first = false});
  EXPECT_EQ(request.node, kThree) << "not where the one before went";
  EXPECT_THAT(request.replicas, ElementsAre(kThree, kOne));
}

TEST_F(ReplicaChoiceTest, NoNodeIsChosenWhereTheReplicasAreNotKnown) {
  choose({});
  latest = {};
  choose({.is_first = false, .failed = 1});
  EXPECT_FALSE(request.node);
  EXPECT_THAT(request.replicas, IsEmpty());
  latest = {kOne};
  choose({.is_first = false, .failed = 2});
  EXPECT_EQ(request.node, kOne) << "the cluster has told meanwhile";
}

TEST(HeldReplicaSetsTest, AreAskedForOnceForSomePagesAndAfterEachFailure) {
  FakeTopology topology;
  std::size_t asked = 0;
  const auto latest = [&] {
    ++asked;
    return std::make_shared<const ReplicaSets>(topology);
  };
  HeldReplicaSets held;
  for (std::size_t page = 0; page < HeldReplicaSets::kPages; ++page) {
    static_cast<void>(held.known(latest));
  }
  EXPECT_EQ(asked, 1U);
  static_cast<void>(held.known(latest));
  EXPECT_EQ(asked, 2U) << "a long listing follows the cluster";
  topology.fallback = {kOne};
  EXPECT_THAT(held.renewed(latest).nodes(0), ElementsAre(kOne));
  EXPECT_EQ(asked, 3U);
  EXPECT_THAT(held.known(latest).nodes(0), ElementsAre(kOne));
  EXPECT_EQ(asked, 3U);
}

}  // namespace
}  // namespace bytestore::cassandra
