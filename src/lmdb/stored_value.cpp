#include "lmdb/stored_value.hpp"

#define XXH_INLINE_ALL  // so that no program has to link it
#include <xxhash.h>

#include <algorithm>

#include "core/value_header.hpp"
#include "lmdb/stored_key.hpp"

namespace bytestore::lmdb_backend {
namespace {

constexpr std::size_t kSizeBytes = 2;
constexpr std::size_t kChecksumBytes = 4;

XXH64_hash_t hash_of(std::string_view key) noexcept {
  return ::XXH3_64bits(key.data(), key.size());
}

std::uint32_t low_bits(XXH64_hash_t hash) noexcept { return static_cast<std::uint32_t>(hash); }

std::uint32_t checksum_of(std::string_view key, std::string_view value) noexcept {
  return low_bits(::XXH3_64bits_withSeed(value.data(), value.size(), hash_of(key)));
}

/// Writes the lowest `bytes` bytes of a number, little endian, and returns where they end.
char* write_number(char* to, std::size_t number, std::size_t bytes) noexcept {
  for (std::size_t i = 0; i != bytes; ++i) *to++ = static_cast<char>(number >> 8 * i & 0xFFU);
  return to;
}

/// Takes such a number off the beginning of `stored`, which has so many bytes.
std::size_t take_number(std::string_view& stored, std::size_t bytes) noexcept {
  std::size_t number = 0;
  for (std::size_t i = 0; i != bytes; ++i) {
    number |= static_cast<std::size_t>(static_cast<unsigned char>(stored[i])) << 8 * i;
  }
  stored.remove_prefix(bytes);
  return number;
}

std::size_t head_bytes(std::string_view key) noexcept {
  return core::kChecksummedValueHeader.size() + kChecksumBytes +
         (is_long(key) ? kChecksumBytes + kSizeBytes + key.size() : 0);
}

}  // namespace

std::size_t stored_value_bytes(std::string_view key, std::size_t value_bytes) {
  return head_bytes(key) + value_bytes;
}

void write_value(char* to, std::string_view key, std::span<const std::byte> value) {
  const std::string_view bytes(reinterpret_cast<const char*>(value.data()), value.size());
  to = std::ranges::copy(core::kChecksummedValueHeader, to).out;
  to = write_number(to, checksum_of(key, bytes), kChecksumBytes);
  if (is_long(key)) {
    to = write_number(to, low_bits(hash_of(key)), kChecksumBytes);
    to = write_number(to, key.size(), kSizeBytes);
    to = std::ranges::copy(key, to).out;
  }
  std::ranges::copy(bytes, to);
}

std::optional<StoredValue> parse_value(std::string_view stored, bool of_long_key) {
  if (!core::has_value_header(stored, core::kChecksummedValueHeader)) return std::nullopt;
  stored.remove_prefix(core::kChecksummedValueHeader.size());
  if (stored.size() < kChecksumBytes) return std::nullopt;
  const auto checksum = static_cast<std::uint32_t>(take_number(stored, kChecksumBytes));
  if (!of_long_key) return StoredValue{.key = {}, .value = stored, .checksum = checksum};
  if (stored.size() < kChecksumBytes + kSizeBytes) return std::nullopt;
  const std::size_t key_checksum = take_number(stored, kChecksumBytes);
  const std::size_t key_bytes = take_number(stored, kSizeBytes);
  if (stored.size() < key_bytes) return std::nullopt;
  const auto key = stored.substr(0, key_bytes);
  if (low_bits(hash_of(key)) != key_checksum) return std::nullopt;
  return StoredValue{.key = key, .value = stored.substr(key_bytes), .checksum = checksum};
}

bool is_intact(const StoredValue& stored, std::string_view key) noexcept {
  return stored.checksum == checksum_of(key, stored.value);
}

}  // namespace bytestore::lmdb_backend
