/// The head of a value makes hardly any take more pages that has a size which is common.

#include "lmdb/stored_value.hpp"
#include "lmdb_test.hpp"

namespace bytestore {
namespace {

constexpr std::size_t kPage = 4'096;
constexpr std::size_t kPageHeader = 16;
constexpr std::size_t kNodeHeader = 10;  // with the offset of the node
constexpr std::size_t kLargestNode = 2'038;

/// How much of the file an entry takes where pages are full: as LMDB has it, in parts of a page.
struct Room {
  std::size_t entries_a_page;
  std::size_t pages;
  friend bool operator==(const Room&, const Room&) = default;
};

Room room_of(std::size_t key_bytes, std::size_t stored_bytes) {
  const std::size_t node = kNodeHeader + key_bytes + stored_bytes;
  if (node - 2 > kLargestNode) return {0, (kPageHeader + stored_bytes + kPage - 1) / kPage};
  return {(kPage - kPageHeader) / node, 0};
}

TEST(ValueSizes, ThatAreCommonTakeNoMoreForTheirHead) {
  std::vector<std::size_t> common;
  for (std::size_t size = 256; size <= kMiB; size *= 2) common.push_back(size);
  for (const std::size_t numbers : {100U, 300U, 384U, 512U, 768U, 1'000U, 1'024U, 1'536U, 3'072U}) {
    common.push_back(numbers * 4);  // embeddings
    common.push_back(numbers * 8);
  }
  for (const std::size_t size : common) {
    for (const std::size_t key : {36U, 40U, 64U}) {  // a UUID, a SHA-1, a SHA-256
      const auto room = room_of(key, lmdb_backend::stored_value_bytes("key", size));
      if (size == 400 && key == 40) {  // nine of these would fill a page but for 30 bytes
        EXPECT_EQ(room, (Room{8, 0}));
      } else {
        EXPECT_EQ(room, room_of(key, size)) << size << " bytes, a key of " << key;
      }
    }
  }
}

TEST(ValueSizes, ThatFillAPageAreSixBytesFewer) {
  const auto pages = [](std::size_t size) {
    return room_of(36, lmdb_backend::stored_value_bytes("key", size)).pages;
  };
  EXPECT_EQ(pages(kPage - kPageHeader - 6), 1U);
  EXPECT_EQ(pages(kPage - kPageHeader - 5), 2U);
}

}  // namespace
}  // namespace bytestore
