#include "core/cursor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.hpp"

namespace bytestore::core {
namespace {

using ::testing::HasSubstr;

std::string problem_of(KeyOrder order, std::string_view text) {
  const auto error = testing::error_of([&] { static_cast<void>(decode_cursor(order, text)); });
  EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  return error.what();
}

TEST(ResumePoint, HasTheKey) {
  using namespace std::string_literals;
  for (const auto& key : {"a"s, "\0"s, "k\u00e9y \U0001F600"s, std::string(65'535, 'x')}) {
    for (const KeyOrder order : {KeyOrder::bytes, KeyOrder::token, KeyOrder::random_token}) {
      EXPECT_EQ(decode_cursor(order, encode_cursor(order, key)), key);
    }
  }
}

/// Texts that users keep must be understood by later versions.
TEST(ResumePoint, IsWrittenAsItWas) {
  EXPECT_EQ(encode_cursor(KeyOrder::bytes, "abc"), "1b7C22393D616263");
  EXPECT_EQ(encode_cursor(KeyOrder::token, "abc"), "1t51039A72616263");
  EXPECT_EQ(encode_cursor(KeyOrder::random_token, "abc"), "1r95468800616263");
}

TEST(ResumePoint, OfAnotherKindOfStoreIsRefused) {
  EXPECT_THAT(problem_of(KeyOrder::token, encode_cursor(KeyOrder::bytes, "a")),
              HasSubstr("another kind of store"));
  for (const auto order : {KeyOrder::bytes, KeyOrder::token}) {
    EXPECT_THAT(problem_of(order, encode_cursor(KeyOrder::random_token, "a")),
                HasSubstr("another partitioner"));
  }
}

TEST(ResumePoint, ADamagedOneIsRefused) {
  const auto whole = encode_cursor(KeyOrder::bytes, "some key");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_THAT(problem_of(KeyOrder::bytes, whole.substr(0, size)), HasSubstr("not whole"));
  }
  for (std::size_t i = 1; i < whole.size(); ++i) {
    auto damaged = whole;
    damaged[i] = damaged[i] == '7' ? '8' : '7';
    EXPECT_THAT(problem_of(KeyOrder::bytes, damaged), HasSubstr("the cursor of a listing"));
  }
  EXPECT_THAT(problem_of(KeyOrder::bytes, whole + "zz"), HasSubstr("not whole"));
  auto small = encode_cursor(KeyOrder::bytes, "o");
  ASSERT_EQ(small.back(), 'F');
  small.back() = 'f';
  EXPECT_THAT(problem_of(KeyOrder::bytes, small), HasSubstr("not whole"));
  EXPECT_THAT(problem_of(KeyOrder::bytes, "2" + whole.substr(1)), HasSubstr("another version"));
}

}  // namespace
}  // namespace bytestore::core
