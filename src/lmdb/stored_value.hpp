#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace bytestore::lmdb_backend {

/// How a value is stored. LMDB has no checksums, so each value has one of its own:
///
///     size       content
///        2       the header of a value with a checksum (core/value_header.hpp)
///        4       the checksum, little endian: the low 32 bits of the XXH3 of the user's value,
///                seeded with the XXH3 of the user's key
///        4       of a long key (stored_key.hpp): the low 32 bits of its XXH3, little endian
///        2       of a long key: its size, little endian
///     size       of a long key: the key
///     the rest   the user's value
struct StoredValue {
  std::string_view key;    ///< the whole key, if it is long
  std::string_view value;  ///< the user's
  std::uint32_t checksum;
};

/// How many bytes a value takes.
[[nodiscard]] std::size_t stored_value_bytes(std::string_view key, std::size_t value_bytes);

/// Writes the value of `key` to `to`, which has room for `stored_value_bytes`.
void write_value(char* to, std::string_view key, std::span<const std::byte> value);

/// The message for a value that `parse_value` cannot read.
inline constexpr std::string_view kUnknownHeaderMessage =
    "the value has no header that this version of bytestore knows; it was damaged, or written by a "
    "newer version";

/// Returns nothing if the header is not known, the value is too short to be one, or the long key in
/// it is damaged. Does not read the user's value.
[[nodiscard]] std::optional<StoredValue> parse_value(std::string_view stored, bool of_long_key);

/// The message for a value that is not intact.
inline constexpr std::string_view kDamagedMessage =
    "the value does not match its checksum: the file was damaged; restore it from a copy, or "
    "delete "
    "the key";

/// Returns whether the value is the one that was stored under the user's key. Reads all of it.
[[nodiscard]] bool is_intact(const StoredValue& stored, std::string_view key) noexcept;

}  // namespace bytestore::lmdb_backend
