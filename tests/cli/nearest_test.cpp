#include "cli/nearest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bytestore::cli {
namespace {

const std::vector<std::string> kVerbs{"put", "get", "delete", "keys", "count"};

TEST(Nearest, finds_what_was_probably_meant) {
  EXPECT_EQ(nearest("gte", kVerbs), "get");
  EXPECT_EQ(nearest("delet", kVerbs), "delete");
  EXPECT_EQ(nearest("key", kVerbs), "keys");
}

TEST(Nearest, guesses_nothing_for_another_word) {
  EXPECT_EQ(nearest("frobnicate", kVerbs), std::nullopt);
  EXPECT_EQ(nearest("get", {}), std::nullopt);
}

}  // namespace
}  // namespace bytestore::cli
