#include "cassandra/flow/value_size_estimate.hpp"

#include <gtest/gtest.h>

namespace bytestore::cassandra {
namespace {

TEST(ValueSizeEstimateTest, AsksForFewBeforeItKnows) {
  const ValueSizeEstimate sizes;
  EXPECT_EQ(sizes.keys_for(1'000'000, 32, 4), 4U);
  EXPECT_EQ(sizes.keys_for(1'000'000, 2, 4), 2U);
  EXPECT_EQ(sizes.mean(77), 77U);
}

TEST(ValueSizeEstimateTest, AsksForAnAnswerNearTheTarget) {
  ValueSizeEstimate sizes;
  sizes.read(400'000, 4, 4);
  EXPECT_EQ(sizes.mean(0), 100'000U);
  EXPECT_EQ(sizes.keys_for(1'000'000, 32, 4), 10U);
  EXPECT_EQ(sizes.keys_for(50'000, 32, 4), 1U);
}

TEST(ValueSizeEstimateTest, AsksForAsManyAsItMayOfSmallOnes) {
  ValueSizeEstimate sizes;
  sizes.read(0, 4, 4);
  EXPECT_EQ(sizes.keys_for(1'000'000, 32, 4), 32U);
  sizes.read(320, 32, 32);
  EXPECT_EQ(sizes.keys_for(1'000'000, 32, 4), 32U);
}

TEST(ValueSizeEstimateTest, AbsentKeysSayNothingOfTheSizeOfOthers) {
  ValueSizeEstimate sizes;
  sizes.read(200'000, 2, 4);
  EXPECT_EQ(sizes.mean(0), 100'000U);
  for (int i = 0; i < 1'000; ++i) sizes.read(0, 0, 32);
  EXPECT_EQ(sizes.mean(0), 100'000U);
}

TEST(ValueSizeEstimateTest, AbsentKeysMakeItBolderStepByStep) {
  constexpr std::size_t kCold = 1'000'000;
  ValueSizeEstimate sizes;
  sizes.read(0, 0, 1);
  EXPECT_EQ(sizes.keys_for(kCold, 32, 4), 8U);
  EXPECT_EQ(sizes.mean(kCold), kCold / 2) << "one of two may well be there";
  sizes.read(0, 0, 98);
  EXPECT_EQ(sizes.keys_for(kCold, 32, 4), 32U);
  EXPECT_EQ(sizes.mean(kCold), kCold / 100);
  sizes.read(kCold, 1, 1);
  EXPECT_EQ(sizes.mean(kCold), kCold) << "and then it knows";
}

TEST(ValueSizeEstimateTest, WhatWasWrittenCountsUntilSomethingWasRead) {
  ValueSizeEstimate sizes;
  sizes.read(0, 0, 10'000);
  sizes.written(2'000'000, 2);
  EXPECT_EQ(sizes.mean(0), 1'000'000U);
  EXPECT_EQ(sizes.keys_for(1'000'000, 32, 4), 1U);
  sizes.read(100, 1, 1);
  EXPECT_EQ(sizes.mean(0), 100U);
  sizes.written(2'000'000, 2);
  EXPECT_EQ(sizes.mean(0), 100U);
}

TEST(ValueSizeEstimateTest, LargeAnswersCountAtOnceAndAreForgottenSlowly) {
  ValueSizeEstimate sizes;
  sizes.read(1'000, 1, 1);
  sizes.read(1'000'000, 1, 1);
  EXPECT_EQ(sizes.mean(0), 1'000'000U);
  sizes.read(1'000, 1, 1);
  EXPECT_GT(sizes.mean(0), 900'000U);
  for (int i = 0; i < 500; ++i) sizes.read(1'000, 1, 1);
  EXPECT_LT(sizes.mean(0), 1'100U);
}

}  // namespace
}  // namespace bytestore::cassandra
