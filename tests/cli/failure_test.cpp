#include "cli/failure.hpp"

#include <gtest/gtest.h>

namespace bytestore::cli {
namespace {

TEST(ExitCode, tells_the_store_from_a_key) {
  for (const auto code : {ErrorCode::not_configured, ErrorCode::setup_pending,
                          ErrorCode::unauthorized, ErrorCode::schema, ErrorCode::unavailable}) {
    EXPECT_TRUE(concerns_store(code)) << to_string(code);
    EXPECT_EQ(exit_code_of(code), ExitCode::no_store) << to_string(code);
  }
  for (const auto code : {ErrorCode::timeout, ErrorCode::overloaded, ErrorCode::too_large,
                          ErrorCode::corrupt, ErrorCode::io, ErrorCode::cancelled}) {
    EXPECT_FALSE(concerns_store(code)) << to_string(code);
    EXPECT_EQ(exit_code_of(code), ExitCode::some_failed) << to_string(code);
  }
  EXPECT_EQ(exit_code_of(ErrorCode::invalid_argument), ExitCode::usage);
}

TEST(ExitCode, says_that_there_is_no_store_only_if_nothing_was_done) {
  EXPECT_EQ(exit_code_of(ErrorCode::unavailable, 1), ExitCode::some_failed);
  EXPECT_EQ(exit_code_of(ErrorCode::invalid_argument, 1), ExitCode::usage);
}

TEST(LikelyMeetsOthers, tells_a_store_that_fails_from_a_key_that_does) {
  for (const auto code : {ErrorCode::unavailable, ErrorCode::schema, ErrorCode::timeout,
                          ErrorCode::overloaded, ErrorCode::io}) {
    EXPECT_TRUE(likely_meets_others(code)) << to_string(code);
  }
  for (const auto code : {ErrorCode::too_large, ErrorCode::corrupt, ErrorCode::cancelled}) {
    EXPECT_FALSE(likely_meets_others(code)) << to_string(code);
  }
}

}  // namespace
}  // namespace bytestore::cli
