#include "cli/key_rules.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "cli/failure.hpp"

namespace bytestore::cli {
namespace {

TEST(KeyRules, take_what_the_library_takes) {
  EXPECT_FALSE(key_problem("a"));
  EXPECT_FALSE(key_problem(std::string_view("\0", 1)));
  EXPECT_FALSE(key_problem(std::string(65'535, 'x')));
}

TEST(KeyRules, refuse_what_the_library_refuses) {
  EXPECT_TRUE(key_problem(""));
  EXPECT_TRUE(key_problem(std::string(65'536, 'x')));
  EXPECT_TRUE(key_problem("caf\xE9"));
  EXPECT_TRUE(key_problem("\xED\xA0\x80"));  // a surrogate
}

TEST(KeyRules, refuse_a_wrong_argument_by_its_name) {
  try {
    require_keys(std::vector<std::string>{"good", "caf\xE9"});
    FAIL() << "nothing was thrown";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::usage);
    EXPECT_STREQ(failure.what(), R"("caf\xe9" is no key: it is not valid UTF-8)");
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
