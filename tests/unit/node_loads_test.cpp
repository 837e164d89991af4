#include "cassandra/node_loads.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace bytestore::cassandra {
namespace {

constexpr NodeId kOne{.high = 1};
constexpr NodeId kTwo{.high = 2};
constexpr NodeId kThree{.high = 3};

class NodeLoadsTest : public ::testing::Test {
 protected:
  NodeId choose(std::size_t offset = 0, std::optional<NodeId> avoided = {}) {
    std::vector<NodeId> replicas{kOne, kTwo, kThree};
    loads_.choose(replicas, offset, avoided);
    EXPECT_THAT(replicas, ::testing::UnorderedElementsAre(kOne, kTwo, kThree));
    return replicas.front();
  }

  NodeLoads loads_;
};

TEST_F(NodeLoadsTest, OfEqualsTheFirstFromTheOffset) {
  EXPECT_EQ(choose(4), kTwo);
  loads_.done(kTwo);
  EXPECT_EQ(choose(2), kThree);
}

TEST_F(NodeLoadsTest, TheOneWithTheFewestRequests) {
  EXPECT_EQ(choose(), kOne);
  EXPECT_EQ(choose(), kTwo);
  EXPECT_EQ(choose(), kThree);
  loads_.done(kTwo);
  EXPECT_EQ(choose(), kTwo);
}

TEST_F(NodeLoadsTest, ANodeThatDoesNotAnswerGetsNoMoreThanTheOthersHave) {
  std::size_t slow = 0;
  for (int i = 0; i < 100; ++i) {
    const NodeId node = choose();
    if (node == kTwo) {
      ++slow;
    } else {
      loads_.done(node);
    }
  }
  EXPECT_LE(slow, 1U);
}

TEST_F(NodeLoadsTest, NotTheAvoidedOne) {
  EXPECT_EQ(choose(0, kOne), kTwo);
  loads_.done(kTwo);
  std::vector<NodeId> only{kOne};
  loads_.choose(only, 0, kOne);
  EXPECT_EQ(only.front(), kOne);
  EXPECT_EQ(choose(2, kThree), kTwo);
}

TEST_F(NodeLoadsTest, NobodyToChoose) {
  std::vector<NodeId> none;
  loads_.choose(none, 3, {});
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace bytestore::cassandra
