#include "cassandra/session/replica_load.hpp"

#include <gmock/gmock.h>

#include <vector>

#include "unit/support/nodes.hpp"

namespace bytestore::cassandra {
namespace {

class ReplicaLoadsTest : public ::testing::Test {
 protected:
  NodeId choose(std::size_t offset = 0, std::optional<NodeId> avoided = {}) {
    std::vector<NodeId> replicas{kOne, kTwo, kThree};
    loads_.choose(replicas, offset, avoided, now_);
    EXPECT_THAT(replicas, ::testing::UnorderedElementsAre(kOne, kTwo, kThree));
    return replicas.front();
  }

  void done(NodeId node, ReplicaLoads::Outcome ending = ReplicaLoads::Outcome::answered) {
    loads_.done(node, ending, now_);
  }

  ReplicaLoads loads_;
  ReplicaLoads::Clock::time_point now_{};
};

TEST_F(ReplicaLoadsTest, OfEqualsTheFirstFromTheOffset) {
  EXPECT_EQ(choose(4), kTwo);
  done(kTwo);
  EXPECT_EQ(choose(2), kThree);
}

TEST_F(ReplicaLoadsTest, TheOneWithTheFewestRequests) {
  EXPECT_EQ(choose(), kOne);
  EXPECT_EQ(choose(), kTwo);
  EXPECT_EQ(choose(), kThree);
  done(kTwo);
  EXPECT_EQ(choose(), kTwo);
}

TEST_F(ReplicaLoadsTest, ANodeThatDoesNotAnswerGetsNoMoreThanTheOthersHave) {
  std::size_t slow = 0;
  for (int i = 0; i < 100; ++i) {
    const NodeId node = choose();
    if (node == kTwo) {
      ++slow;
    } else {
      done(node);
    }
  }
  EXPECT_LE(slow, 1U);
}

TEST_F(ReplicaLoadsTest, NotTheAvoidedOne) {
  EXPECT_EQ(choose(0, kOne), kTwo);
  done(kTwo);
  std::vector<NodeId> only{kOne};
  loads_.choose(only, 0, kOne, now_);
  EXPECT_EQ(only.front(), kOne);
  EXPECT_EQ(choose(2, kThree), kTwo);
}

TEST_F(ReplicaLoadsTest, ASilentNodeIsShunnedUntilItAnswers) {
  EXPECT_EQ(choose(1), kTwo);
  done(kTwo, ReplicaLoads::Outcome::timed_out);
  for (int i = 0; i < 100; ++i) EXPECT_NE(choose(1), kTwo);

  now_ += ReplicaLoads::kEjection;
  EXPECT_EQ(choose(1), kTwo) << "one request finds out";
  for (int i = 0; i < 100; ++i) EXPECT_NE(choose(1), kTwo);
  done(kTwo);
  EXPECT_EQ(choose(1), kTwo);
}

TEST_F(ReplicaLoadsTest, AShunnedNodeIsBetterThanNone) {
  EXPECT_EQ(choose(1), kTwo);
  done(kTwo, ReplicaLoads::Outcome::timed_out);
  std::vector<NodeId> only{kTwo};
  loads_.choose(only, 0, {}, now_);
  EXPECT_EQ(only.front(), kTwo);
  std::vector<NodeId> tried{kOne, kTwo};
  loads_.choose(tried, 0, kOne, now_);
  EXPECT_EQ(tried.front(), kTwo) << "rather than the one that has just failed";
}

TEST_F(ReplicaLoadsTest, NobodyToChoose) {
  std::vector<NodeId> none;
  loads_.choose(none, 3, {}, now_);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace bytestore::cassandra
