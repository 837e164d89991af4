#include "cassandra/answer_sizes.hpp"

#include <gtest/gtest.h>

namespace bytestore::cassandra {
namespace {

TEST(AnswerSizesTest, AsksForFewBeforeItKnows) {
  const AnswerSizes sizes;
  EXPECT_EQ(sizes.keys_for(1'000'000, 32, 4), 4U);
  EXPECT_EQ(sizes.keys_for(1'000'000, 2, 4), 2U);
}

TEST(AnswerSizesTest, AsksForAnAnswerNearTheTarget) {
  AnswerSizes sizes;
  sizes.learn(400'000, 4);
  EXPECT_EQ(sizes.mean(), 100'000U);
  EXPECT_EQ(sizes.keys_for(1'000'000, 32, 4), 10U);
  EXPECT_EQ(sizes.keys_for(50'000, 32, 4), 1U);
}

TEST(AnswerSizesTest, AsksForAsManyAsItMayOfSmallOnes) {
  AnswerSizes sizes;
  sizes.learn(0, 4);
  EXPECT_EQ(sizes.keys_for(1'000'000, 32, 4), 32U);
  sizes.learn(320, 32);
  EXPECT_EQ(sizes.keys_for(1'000'000, 32, 4), 32U);
}

TEST(AnswerSizesTest, LargeAnswersCountAtOnceAndAreForgottenSlowly) {
  AnswerSizes sizes;
  sizes.learn(1'000, 1);
  sizes.learn(1'000'000, 1);
  EXPECT_EQ(sizes.mean(), 1'000'000U);
  sizes.learn(1'000, 1);
  EXPECT_GT(sizes.mean(), 900'000U);
  for (int i = 0; i < 500; ++i) sizes.learn(1'000, 1);
  EXPECT_LT(sizes.mean(), 1'100U);
}

}  // namespace
}  // namespace bytestore::cassandra
