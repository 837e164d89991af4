#include "cli/key_rules.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "cli/failure.hpp"

namespace bytestore::cli {
namespace {

TEST(KeyRules, refuse_a_wrong_argument_by_its_name) {
  try {
    require_keys(std::vector<std::string>{"good", "caf\xE9"});
    FAIL() << "nothing was thrown";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::usage);
    EXPECT_STREQ(
        failure.what(),
        R"(the key "caf\xe9" is not valid UTF-8 at byte 3; encode it, for instance in base64)");
  }
}

TEST(PathRules, take_paths_that_stay_inside) {
  for (const auto* path : {"a", "a/b/c", "..a", "a/..b/...", ".hidden", "a b", "\xC3\xA9"}) {
    EXPECT_FALSE(path_problem(path)) << path;
  }
  EXPECT_FALSE(path_problem(std::string(255, 'x') + "/y"));
}

TEST(PathRules, refuse_paths_that_leave_or_name_no_file) {
  for (const auto* path :
       {"", "/", "/a", "a/", "..", ".", "../a", "a/..", "a/../b", "a/./b", "./a", "a//b"}) {
    EXPECT_TRUE(path_problem(path)) << path;
  }
  EXPECT_TRUE(path_problem(std::string_view("a\0b", 3)));
  EXPECT_TRUE(path_problem("a/" + std::string(256, 'x')));
}

}  // namespace
}  // namespace bytestore::cli
