#include "cassandra/flow/key_limit.hpp"

#include <gtest/gtest.h>

namespace bytestore::cassandra {
namespace {

TEST(KeyLimitTest, IsWhatTheServerNames) {
  KeyLimit limit;
  EXPECT_TRUE(limit.refused(32, 20));
  EXPECT_EQ(limit.most(), 20U);
  EXPECT_FALSE(limit.refused(32, 20)) << "a request that was under way";
  EXPECT_EQ(limit.most(), 20U);
}

TEST(KeyLimitTest, IsHalvedWhereItIsNotNamed) {
  KeyLimit limit;
  EXPECT_TRUE(limit.refused(32, std::nullopt));
  EXPECT_EQ(limit.most(), 16U);
  EXPECT_FALSE(limit.refused(32, std::nullopt));
  EXPECT_TRUE(limit.refused(16, std::nullopt));
  EXPECT_EQ(limit.most(), 8U);
}

TEST(KeyLimitTest, IsHalvedWhereWhatIsNamedCannotBe) {
  for (const std::size_t named : {0U, 9U, 100U}) {
    KeyLimit limit;
    EXPECT_TRUE(limit.refused(9, named));
    EXPECT_EQ(limit.most(), 4U);
  }
}

TEST(KeyLimitTest, LeavesOneKey) {
  KeyLimit limit;
  EXPECT_TRUE(limit.refused(2, std::nullopt));
  EXPECT_EQ(limit.most(), 1U);
}

}  // namespace
}  // namespace bytestore::cassandra
