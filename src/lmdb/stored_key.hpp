#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace bytestore::lmdb_backend {

/// How keys are stored, since LMDB takes no more than 511 bytes:
///
/// A short key is stored as it is. A key of more than `kCutBytes` is stored under its first
/// `kCutBytes`, a byte that valid UTF-8 cannot contain, a digest of the whole key, and a number;
/// the whole key stands in the value. Long keys whose first `kCutBytes` are the same lie side by
/// side, in the order of their digests, after the short key that equals them: all other keys lie in
/// the order of their bytes. Different keys with one digest have different numbers, from 0 on,
/// without a gap.
inline constexpr std::size_t kMaxStoredKeyBytes = 511;
inline constexpr std::size_t kDigestBytes = 16;
inline constexpr std::size_t kCutBytes = kMaxStoredKeyBytes - kDigestBytes - 2;
inline constexpr char kCutMark = '\xFF';

[[nodiscard]] inline bool is_long(std::string_view key) noexcept { return key.size() > kCutBytes; }

/// Whether a key of the database stands for a long key. Short keys are shorter than all of them.
[[nodiscard]] inline bool stands_for_long(std::string_view stored) noexcept {
  return stored.size() == kMaxStoredKeyBytes;
}

/// What a long key is stored under.
class StoredLongKey {
 public:
  explicit StoredLongKey(std::string_view key);

  [[nodiscard]] std::string_view with_number(unsigned char number) noexcept {
    bytes_.back() = static_cast<char>(number);
    return {bytes_.data(), bytes_.size()};
  }

 private:
  std::array<char, kMaxStoredKeyBytes> bytes_{};
};

}  // namespace bytestore::lmdb_backend
