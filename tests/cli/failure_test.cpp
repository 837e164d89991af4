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

}  // namespace
}  // namespace bytestore::cli
