#pragma once

#include <bit>
#include <cstdint>
#include <string>

namespace bytestore::testing {

/// Undoes Murmur3's hash of one block of 16 bytes, which gives a token many keys.
class KeysOfToken {
 public:
  /// A key of 16 bytes with this token, another one for each `number`.
  static std::string key(std::int64_t token, std::uint64_t number) {
    std::uint64_t h1 = unmixed(static_cast<std::uint64_t>(token) - number);
    std::uint64_t h2 = unmixed(number);
    h2 -= h1;
    h1 -= h2;
    h1 ^= kBlockBytes;
    h2 ^= kBlockBytes;
    const std::uint64_t k1 = std::rotr((h1 - 0x52dce729U) * inverse(5), 27);
    const std::uint64_t k2 = std::rotr((h2 - 0x38495ab5U) * inverse(5) - h1, 31);
    return little_endian(std::rotr(k1 * inverse(kC2), 31) * inverse(kC1)) +
           little_endian(std::rotr(k2 * inverse(kC1), 33) * inverse(kC2));
  }

  /// The same in ASCII, so that it is a text: one number in 65,536 or so has such a key. The first
  /// one from `number` on, which becomes the one after it.
  static std::string text(std::int64_t token, std::uint64_t& number) {
    for (;;) {
      std::string found = key(token, number++);
      bool is_ascii = true;
      for (const char c : found) is_ascii = is_ascii && static_cast<unsigned char>(c) < 0x80;
      if (is_ascii) return found;
    }
  }

 private:
  static constexpr std::uint64_t kBlockBytes = 16;
  static constexpr std::uint64_t kC1 = 0x87c37b91114253d5U;
  static constexpr std::uint64_t kC2 = 0x4cf5ad432745937fU;

  /// Of an odd number, modulo 2^64: each step doubles how many of its bits are right.
  static constexpr std::uint64_t inverse(std::uint64_t odd) {
    std::uint64_t found = odd;
    for (int step = 0; step < 5; ++step) found *= 2 - odd * found;
    return found;
  }

  static constexpr std::uint64_t unmixed(std::uint64_t k) {
    k ^= k >> 33U;
    k *= inverse(0xc4ceb9fe1a85ec53U);
    k ^= k >> 33U;
    k *= inverse(0xff51afd7ed558ccdU);
    return k ^ (k >> 33U);
  }

  static std::string little_endian(std::uint64_t number) {
    std::string bytes(8, '\0');
    for (char& byte : bytes) {
      byte = static_cast<char>(number & 0xffU);
      number >>= 8U;
    }
    return bytes;
  }
};

}  // namespace bytestore::testing
