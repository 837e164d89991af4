#include "core/keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "bytestore/keys.hpp"
#include "support/errors.hpp"

namespace bytestore::core {
namespace {

using namespace std::string_view_literals;
using testing::error_of;
using ::testing::HasSubstr;

void check(std::vector<std::string_view> keys) { check_keys(keys); }

TEST(KeyProblem, IsWhatTheContractRefuses) {
  EXPECT_FALSE(key_problem("a"));
  EXPECT_FALSE(key_problem("\0"sv));
  EXPECT_FALSE(key_problem(std::string(kMaxKeyBytes, 'x')));
  EXPECT_EQ(key_problem(""), "is empty; a key has at least 1 byte");
  EXPECT_TRUE(key_problem(std::string(kMaxKeyBytes + 1, 'x')));
  EXPECT_TRUE(key_problem("caf\xE9"));
  EXPECT_TRUE(key_problem("\xED\xA0\x80"));  // a surrogate
}

TEST(CheckKeys, AcceptsValidUtf8UpToTheLimit) {
  EXPECT_NO_THROW(check({}));
  EXPECT_NO_THROW(check({"a", "\0"sv, "\xC3\xA9", "\xF4\x8F\xBF\xBF", "\xEF\xBF\xBF"}));
  EXPECT_NO_THROW(check({std::string(65'535, 'k')}));
}

TEST(CheckKeys, SaysPositionAndProblem) {
  const auto empty = error_of([] { check({"a", ""}); });
  EXPECT_EQ(empty.code(), ErrorCode::invalid_argument);
  EXPECT_THAT(empty.what(), HasSubstr("key 1 of 2 (counted from 0) is empty"));

  const std::string long_key(65'536, 'k');
  const auto too_long = error_of([&] { check({long_key}); });
  EXPECT_EQ(too_long.code(), ErrorCode::invalid_argument);
  EXPECT_THAT(too_long.what(), HasSubstr("key 0 of 1"));
  EXPECT_THAT(too_long.what(), HasSubstr("65536 bytes"));

  const auto invalid = error_of([] { check({"a", "b", "ab\xFFz"}); });
  EXPECT_THAT(invalid.what(), HasSubstr("key 2 of 3"));
  EXPECT_THAT(invalid.what(), HasSubstr("not valid UTF-8 at byte 2"));
}

TEST(CheckKeys, ChecksTheKeysOfEntries) {
  const std::vector<EntryRef> entries{{"a", {}}, {"\x80", {}}};
  const auto error = error_of([&] { check_keys(entries); });
  EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  EXPECT_THAT(error.what(), HasSubstr("key 1 of 2"));
}

TEST(PrefixUpperBound, IsTheLeastStringAboveAllWithThePrefix) {
  EXPECT_EQ(prefix_upper_bound("a"), "b");
  EXPECT_EQ(prefix_upper_bound("ab"), "ac");
  EXPECT_EQ(prefix_upper_bound("a\0"sv), "a\x01");
  EXPECT_EQ(prefix_upper_bound("a\x7F"), "a\x80");
  EXPECT_EQ(prefix_upper_bound("a\xFE"), "a\xFF");
  EXPECT_EQ(prefix_upper_bound("a\xFF"), "b");
  EXPECT_EQ(prefix_upper_bound("a\xFF\xFF"), "b");
  EXPECT_EQ(prefix_upper_bound("\x7F\xFF"), "\x80");
}

TEST(PrefixUpperBound, IsAbsentWhereNothingIsAbove) {
  EXPECT_EQ(prefix_upper_bound(""), std::nullopt);
  EXPECT_EQ(prefix_upper_bound("\xFF"), std::nullopt);
  EXPECT_EQ(prefix_upper_bound("\xFF\xFF\xFF"), std::nullopt);
}

}  // namespace
}  // namespace bytestore::core
