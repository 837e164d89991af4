#include "lmdb/stored_key.hpp"

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>

#include "core/value_header.hpp"

namespace bytestore::lmdb_backend {
namespace {

constexpr std::size_t kSizeBytes = 2;

/// The name space of the digests, which are UUIDs of version 5 (RFC 4122): drawn once, and on disk
/// since then.
constexpr boost::uuids::uuid kNameSpace{{0x6d, 0x1f, 0x0c, 0x5e, 0x8b, 0x52, 0x4e, 0x0e, 0x9c, 0x1b,
                                         0x5f, 0x3a, 0x27, 0xd4, 0x90, 0xb3}};

}  // namespace

StoredLongKey::StoredLongKey(std::string_view key) {
  auto* const mark = std::copy_n(key.begin(), kCutBytes, bytes_.begin());
  *mark = kCutMark;
  const auto digest = boost::uuids::name_generator_sha1(kNameSpace)(key.data(), key.size());
  static_assert(sizeof(digest.data) == kDigestBytes);
  std::ranges::copy(digest, mark + 1);
}

std::size_t stored_value_bytes(std::string_view key, std::size_t value_bytes) {
  return core::kValueHeader.size() + (is_long(key) ? kSizeBytes + key.size() : 0) + value_bytes;
}

char* write_value_head(char* to, std::string_view key) {
  to = std::ranges::copy(core::kValueHeader, to).out;
  if (!is_long(key)) return to;
  *to++ = static_cast<char>(key.size() & 0xFFU);
  *to++ = static_cast<char>(key.size() >> 8U);
  return std::ranges::copy(key, to).out;
}

std::optional<StoredValue> parse_value(std::string_view stored, bool of_long_key) {
  if (!core::has_value_header(stored)) return std::nullopt;
  stored.remove_prefix(core::kValueHeader.size());
  if (!of_long_key) return StoredValue{.key = {}, .value = stored};
  if (stored.size() < kSizeBytes) return std::nullopt;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(stored[i]));
  };
  const std::size_t key_bytes = byte(0) | byte(1) << 8U;
  stored.remove_prefix(kSizeBytes);
  if (stored.size() < key_bytes) return std::nullopt;
  return StoredValue{.key = stored.substr(0, key_bytes), .value = stored.substr(key_bytes)};
}

}  // namespace bytestore::lmdb_backend
