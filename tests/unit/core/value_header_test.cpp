#include "core/value_header.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bytestore::core {
namespace {

using namespace std::string_literals;

TEST(ValueHeader, NeverChanges) {
  EXPECT_EQ(std::string(kValueHeader.begin(), kValueHeader.end()), "\x01\x00"s);
  EXPECT_EQ(std::string(kChecksummedValueHeader.begin(), kChecksummedValueHeader.end()),
            "\x01\x02"s);
}

TEST(ValueHeader, IsRecognised) {
  EXPECT_TRUE(has_value_header("\x01\x00"s));
  EXPECT_TRUE(has_value_header("\x01\x00value"s));
  EXPECT_TRUE(has_value_header("\x01\x02value"s, kChecksummedValueHeader));
}

TEST(ValueHeader, OfAnotherVersionOrWithOtherFlagsIsUnknown) {
  for (const auto& stored : {""s, "\x01"s, "\x00\x00value"s, "\x02\x00value"s, "\x01\x01value"s,
                             "\x01\x03value"s, "\x01\x80value"s, "value"s}) {
    EXPECT_FALSE(has_value_header(stored));
    EXPECT_FALSE(has_value_header(stored, kChecksummedValueHeader));
  }
  EXPECT_FALSE(has_value_header("\x01\x02value"s));
  EXPECT_FALSE(has_value_header("\x01\x00value"s, kChecksummedValueHeader));
}

}  // namespace
}  // namespace bytestore::core
