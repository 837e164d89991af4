#include "core/envelope.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/values.hpp"

namespace bytestore::core {
namespace {

using namespace std::string_literals;
using testing::text;

/// The header as it is stored for ever: magic, version 1, kind 0, CRC-32C of both.
const std::string kGoldenHeader =
    "\xB5\x79\x74\x65\x73\x74\x6F\x72\x65\x00\xE2\x9C\x89\x0D\x0A\x1A"
    "\x01\x00"
    "\xB2\x17\xB5\x3C"s;

/// Headers with right checksums that this version does not know.
const std::string kKind1 = kGoldenHeader.substr(0, 16) + "\x01\x01\xB1\x94\xDE\xCE"s;
const std::string kKind255 = kGoldenHeader.substr(0, 16) + "\x01\xFF\xE3\x44\xC8\x91"s;
const std::string kVersion2 = kGoldenHeader.substr(0, 16) + "\x02\x00\x2B\xBF\x52\x08"s;

std::string wrapped(std::string_view value) {
  return std::string(Bytes::adopt(wrap(as_bytes(value))).view());
}

TEST(Envelope, OfTheHeaderNoByteEverChanges) {
  EXPECT_EQ(wrapped("payload"), kGoldenHeader + "payload");
  EXPECT_EQ(wrapped(""), kGoldenHeader);
  EXPECT_EQ(kEnvelopeMagic, kGoldenHeader.substr(0, 16));
  EXPECT_EQ(kEnvelopeHeaderBytes, kGoldenHeader.size());
}

TEST(Envelope, IsNeededByValuesThatBeginWithTheMagicOnly) {
  const auto needs = [](std::string_view value) { return needs_envelope(as_bytes(value)); };
  EXPECT_TRUE(needs(kGoldenHeader.substr(0, 16)));
  EXPECT_TRUE(needs(kGoldenHeader + "payload"));
  EXPECT_FALSE(needs(""));
  EXPECT_FALSE(needs(kGoldenHeader.substr(0, 15)));
  EXPECT_FALSE(needs("x" + kGoldenHeader));
}

TEST(Envelope, IsTakenOff) {
  EXPECT_EQ(unwrap(text(kGoldenHeader + "payload")), text("payload"));
  EXPECT_EQ(unwrap(text(kGoldenHeader)), Bytes());
  EXPECT_EQ(unwrap(text(kGoldenHeader + kGoldenHeader)), text(kGoldenHeader)) << "once";
}

TEST(Envelope, IsTakenOffWithoutACopy) {
  const auto stored = text(kGoldenHeader + "payload");
  EXPECT_EQ(unwrap(stored)->data(), stored.data() + kEnvelopeHeaderBytes);
}

TEST(Envelope, LeavesOtherValuesAsTheyAre) {
  for (const std::string& value :
       {""s, "x"s, kGoldenHeader.substr(0, 16), kGoldenHeader.substr(0, 21), "x" + kGoldenHeader}) {
    EXPECT_EQ(unwrap(text(value)), text(value));
  }
}

TEST(Envelope, WithAWrongChecksumIsAPlainValue) {
  for (std::size_t i = 16; i < kGoldenHeader.size(); ++i) {
    auto damaged = kGoldenHeader + "payload";
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_EQ(unwrap(text(damaged)), text(damaged)) << "byte " << i;
  }
}

TEST(Envelope, OfAnUnknownKindOrVersionIsRefused) {
  for (const auto& header : {kKind1, kKind255, kVersion2}) {
    EXPECT_EQ(unwrap(text(header)), std::nullopt);
    EXPECT_EQ(unwrap(text(header + "payload")), std::nullopt);
  }
}

}  // namespace
}  // namespace bytestore::core
