#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bytestore/bytes.hpp"

namespace bytestore::core {

/// The envelope of the few values that are not stored as they are.
///
/// A stored value is the user's bytes, unchanged, unless it begins with this header:
///
///     offset  size  content
///          0    16  magic
///         16     1  version of the header, 1
///         17     1  kind: 0 an escaped plain value; others are reserved
///         18     4  CRC-32C of the 18 bytes before, little endian
///
/// Our writers give a value that begins with the magic a header of kind 0; readers take it off. A
/// value that begins with the magic but whose checksum is wrong was written by somebody else and is
/// a plain value. docs/decisions/005-envelope.md tells why.
inline constexpr std::string_view kEnvelopeMagic{
    "\xB5\x79\x74\x65\x73\x74\x6F\x72\x65\x00\xE2\x9C\x89\x0D\x0A\x1A", 16};
inline constexpr std::size_t kEnvelopeHeaderBytes = 22;

/// The kinds of stored values that this version reads. The numbers 1 and up are reserved for
/// manifests of large values, compression and encryption.
enum class EnvelopeKind : std::uint8_t { plain = 0 };

/// Whether a value must be wrapped before it is stored.
[[nodiscard]] bool needs_envelope(std::span<const std::byte> value) noexcept;

/// The header of kind 0 followed by `value`.
[[nodiscard]] std::vector<std::byte> wrap(std::span<const std::byte> value);

/// The user's bytes of a stored value; nothing if it has a header that this version does not know.
[[nodiscard]] std::optional<Bytes> unwrap(Bytes stored);

}  // namespace bytestore::core
