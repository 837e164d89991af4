#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// LMDB's format, data version 1, as its mdb.c has it, in the byte order of the machine. Pages 0
/// and 1 begin with a header and have a meta record each, of which the one of the later transaction
/// is in force. Other pages end with their nodes, of which they have the offsets, in the order of
/// the keys, behind the header.
namespace bytestore::lmdb_backend {

inline constexpr std::size_t kPageFlags = 10;
inline constexpr std::size_t kPageLower = 12;  ///< where the offsets of the nodes end
inline constexpr std::size_t kPagePages = 12;  ///< of a value that has pages of its own
inline constexpr std::size_t kPageHeader = 16;
inline constexpr std::uint16_t kBranch = 0x01;
inline constexpr std::uint16_t kLeaf = 0x02;
inline constexpr std::uint16_t kOverflow = 0x04;

inline constexpr std::size_t kMetaMagic = kPageHeader;
inline constexpr std::size_t kMetaVersion = kPageHeader + 4;
inline constexpr std::size_t kMetaPageBytes = kPageHeader + 24;
inline constexpr std::size_t kMetaRoot = kPageHeader + 112;
inline constexpr std::size_t kMetaLastPage = kPageHeader + 120;
inline constexpr std::size_t kMetaTransaction = kPageHeader + 128;
inline constexpr std::size_t kMetaEnd = kMetaTransaction + sizeof(std::uint64_t);
inline constexpr std::uint32_t kMagic = 0xBEEFC0DE;
inline constexpr std::uint32_t kDataVersion = 1;

inline constexpr std::size_t kNodeFlags = 4;
inline constexpr std::size_t kNodeKeyBytes = 6;
inline constexpr std::size_t kNodeHeader = 8;
inline constexpr std::uint16_t kOnPagesOfItsOwn = 0x01;

inline constexpr unsigned kDeepest = 32;  ///< levels of a tree

/// The number at this place, which need not be aligned.
template <typename Number>
Number number_at(const char* at) noexcept {
  Number number{};
  std::memcpy(&number, at, sizeof(number));
  return number;
}

/// Of a node of a leaf: the size of its value.
inline std::uint32_t value_size(const char* node) noexcept {
  const std::uint32_t first = number_at<std::uint16_t>(node);
  const std::uint32_t second = number_at<std::uint16_t>(node + 2);
  return std::endian::native == std::endian::little ? first | second << 16U : second | first << 16U;
}

/// Of a node of a branch: the number of the page below it.
inline std::uint64_t page_below(const char* node) noexcept {
  return value_size(node) | std::uint64_t{number_at<std::uint16_t>(node + kNodeFlags)} << 32U;
}

}  // namespace bytestore::lmdb_backend
