#include "bytestore/bytes.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace bytestore {
namespace {

using namespace std::string_literals;

TEST(Bytes, DefaultHasNoBytes) {
  const Bytes bytes;
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(bytes.size(), 0U);
  EXPECT_EQ(bytes.view(), "");
  EXPECT_EQ(bytes.begin(), bytes.end());
}

TEST(Bytes, CopyIsIndependentOfItsSource) {
  auto source = "value"s;
  const auto bytes = Bytes::copy(source);
  source = "other";
  EXPECT_EQ(bytes.view(), "value");
  EXPECT_EQ(Bytes::copy("").size(), 0U);
}

TEST(Bytes, AdoptTakesOverWithoutACopy) {
  std::vector<std::byte> buffer(100, std::byte{7});
  const std::byte* data = buffer.data();
  EXPECT_EQ(Bytes::adopt(std::move(buffer)).data(), data);

  std::string characters(100, 'x');
  const char* begin = characters.data();
  const auto adopted = Bytes::adopt(std::move(characters));
  EXPECT_EQ(adopted.view().data(), begin);
  EXPECT_EQ(adopted.size(), 100U);
  EXPECT_EQ(Bytes::adopt("short"s).view(), "short");
}

TEST(Bytes, CopiesReferToTheSameBytes) {
  const auto first = Bytes::copy("value");
  const Bytes second = first;  // NOLINT(performance-unnecessary-copy-initialization)
  EXPECT_EQ(second.data(), first.data());
}

TEST(Bytes, MayOutliveWhatTheyWereCopiedFrom) {
  auto first = std::make_unique<Bytes>(Bytes::copy("value"));
  const Bytes second = *first;
  first.reset();
  EXPECT_EQ(second.view(), "value");
}

TEST(Bytes, CompareByContent) {
  EXPECT_EQ(Bytes::copy("a"), Bytes::adopt("a"s));
  EXPECT_EQ(Bytes(), Bytes::copy(""));
  EXPECT_NE(Bytes::copy("a"), Bytes::copy("b"));
  EXPECT_NE(Bytes::copy("a"), Bytes::copy("a\0"s));
}

TEST(Bytes, DropFrontSharesTheBuffer) {
  const auto bytes = Bytes::copy("value");
  EXPECT_EQ(bytes.drop_front(2).view(), "lue");
  EXPECT_EQ(bytes.drop_front(2).data(), bytes.data() + 2);
  EXPECT_EQ(bytes.drop_front(0), bytes);
  EXPECT_TRUE(bytes.drop_front(5).empty());
}

/// Shares the first `used` bytes of a buffer of `size`; says whether the buffer is kept.
bool keeps_buffer(std::size_t used, std::size_t size) {
  auto owner = std::make_shared<std::string>(size, 'x');
  const std::weak_ptr<std::string> buffer = owner;
  const auto span = as_bytes(*owner).first(used);
  const auto bytes = Bytes::share(std::move(owner), span, size);
  EXPECT_EQ(bytes.view(), std::string(used, 'x'));
  return !buffer.expired();
}

TEST(Bytes, ShareKeepsTheBufferOfAValueThatIsHalfOfItOrMore) {
  EXPECT_TRUE(keeps_buffer(100, 100));
  EXPECT_TRUE(keeps_buffer(51, 100));
  EXPECT_TRUE(keeps_buffer(50, 100));
  EXPECT_TRUE(keeps_buffer(51, 101));
}

TEST(Bytes, ShareCopiesAValueThatIsLessThanHalfOfItsBuffer) {
  EXPECT_FALSE(keeps_buffer(49, 100));
  EXPECT_FALSE(keeps_buffer(50, 101));
  EXPECT_FALSE(keeps_buffer(1, 3));
  EXPECT_FALSE(keeps_buffer(0, 1));
  EXPECT_FALSE(keeps_buffer(1, 1'000'000));
}

TEST(Bytes, OfACharacterView) {
  const auto text = "a\0b"s;
  const auto bytes = as_bytes(text);
  EXPECT_EQ(bytes.size(), 3U);
  EXPECT_EQ(bytes[1], std::byte{0});
}

}  // namespace
}  // namespace bytestore
