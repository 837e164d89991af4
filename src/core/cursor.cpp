#include "core/cursor.hpp"

#include <fmt/format.h>

#include <boost/algorithm/hex.hpp>
#include <cstdint>
#include <iterator>

#include "core/crc32c.hpp"

namespace bytestore::core {
namespace {

constexpr char kVersion = '1';
constexpr std::size_t kChecksumAt = 2;
constexpr std::size_t kKeyAt = 10;

char letter_of(KeyOrder order) noexcept {
  switch (order) {
    case KeyOrder::token:
      return 't';
    case KeyOrder::random_token:
      return 'r';
    case KeyOrder::bytes:
      break;
  }
  return 'b';
}

/// Of what stands before the checksum, and of the key.
std::string checksum(std::string_view head, std::string_view key) {
  Crc32c crc;
  crc.process_bytes(head.data(), head.size());
  crc.process_bytes(key.data(), key.size());
  return fmt::format("{:08X}", crc.checksum());
}

[[noreturn]] void refuse(std::string_view problem) {
  throw Error(ErrorCode::invalid_argument,
              fmt::format("the cursor of a listing {}; pass one that a listing of this kind of "
                          "store returned, or none to begin at the beginning",
                          problem));
}

}  // namespace

std::string encode_cursor(KeyOrder order, std::string_view last_key) {
  std::string text{kVersion, letter_of(order)};
  text += checksum(text, last_key);
  boost::algorithm::hex(last_key, std::back_inserter(text));
  return text;
}

std::string decode_cursor(KeyOrder order, std::string_view text) {
  if (text.size() < kKeyAt) refuse("is not whole");
  if (text[0] != kVersion) refuse("is of another version of the library");
  // Small letters would be decoded too, but one key has one cursor.
  if (text.find_first_not_of("0123456789ABCDEF", kKeyAt) != std::string_view::npos) {
    refuse("is not whole");
  }
  std::string key;
  try {
    boost::algorithm::unhex(text.substr(kKeyAt), std::back_inserter(key));
  } catch (const boost::algorithm::hex_decode_error&) {
    refuse("is not whole");
  }
  const auto head = text.substr(0, kChecksumAt);
  if (key.empty() || checksum(head, key) != text.substr(kChecksumAt, kKeyAt - kChecksumAt)) {
    refuse("is not whole");
  }
  if (text[1] != letter_of(order)) {
    refuse("is of another kind of store, or of servers with another partitioner");
  }
  return key;
}

}  // namespace bytestore::core
