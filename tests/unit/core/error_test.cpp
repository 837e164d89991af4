#include "bytestore/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "support/values.hpp"

namespace bytestore {
namespace {

using ::testing::HasSubstr;
using testing::text;

TEST(ErrorCode, EachHasItsName) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::cancelled); ++code) {
    names.insert(to_string(static_cast<ErrorCode>(code)));
  }
  EXPECT_EQ(names,
            (std::set<std::string_view>{"invalid_argument", "not_configured", "setup_pending",
                                        "unauthorized", "schema", "unavailable", "timeout",
                                        "overloaded", "too_large", "corrupt", "io", "cancelled"}));
  EXPECT_EQ(to_string(ErrorCode::too_large), "too_large");
}

TEST(Outcome, EachHasItsName) {
  EXPECT_EQ(to_string(Outcome::failed), "failed");
  EXPECT_EQ(to_string(Outcome::unknown), "unknown");
}

TEST(Error, HasACodeAndAMessage) {
  const Error error(ErrorCode::io, "the disk is full");
  EXPECT_EQ(error.code(), ErrorCode::io);
  EXPECT_STREQ(error.what(), "the disk is full");
}

std::vector<KeyFailure> two_failures() {
  return {{3, "a", ErrorCode::timeout, Outcome::unknown, "no answer"},
          {7, "b", ErrorCode::io, Outcome::failed, "no disk"}};
}

TEST(BatchError, TellsOfItsFailures) {
  const BatchError error("mset", 10, two_failures());
  EXPECT_EQ(error.code(), ErrorCode::timeout);
  ASSERT_EQ(error.failures().size(), 2U);
  EXPECT_EQ(error.failures()[1].index, 7U);
  EXPECT_EQ(error.failures()[1].key, "b");
  EXPECT_TRUE(error.values().empty());
  EXPECT_STREQ(error.what(),
               "mset: 2 of 10 keys did not succeed, the first at position 3 (\"a\"): timeout, "
               "unknown: no answer; allow more time or make the batch smaller");
}

TEST(BatchError, CarriesTheValuesThatWereRead) {
  const BatchError error("mget", 2, two_failures(), {text("1"), std::nullopt});
  EXPECT_EQ(error.values(), (BatchError::Values{text("1"), std::nullopt}));
}

TEST(BatchError, CopiesShareWhatTheyCarry) {
  const BatchError error("mget", 2, two_failures(), {text("1"), std::nullopt});
  const BatchError copy = error;  // NOLINT(performance-unnecessary-copy-initialization)
  EXPECT_EQ(&copy.failures(), &error.failures());
  EXPECT_EQ(&copy.values(), &error.values());
}

TEST(BatchError, ShowsTheBeginningOfALongKeyAndNoControlCharacters) {
  std::string key(60'000, 'k');
  key[0] = '\n';
  key[63] = '\xC3';  // the message cuts this character in two
  key[64] = '\xA9';
  const BatchError error("mget", 1, {{0, key, ErrorCode::io, Outcome::failed, "no disk"}});
  EXPECT_LT(std::string(error.what()).size(), 300U);
  EXPECT_THAT(error.what(), HasSubstr("\\nkkk"));
  EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  EXPECT_EQ(std::string(error.what()).find('\xC3'), std::string::npos);
}

}  // namespace
}  // namespace bytestore
