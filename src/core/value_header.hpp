#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace bytestore::core {

/// Every value in an embedded database (RocksDB, LMDB) begins with this header, which never leaves
/// the backend:
///
///     offset  size  content
///          0     1  version of the header, 1
///          1     1  flags; what the bits 0 and 1 announce follows in this order:
///                   bit 0 is reserved for "expires": 8 bytes, the time of expiry in milliseconds
///                   since 1970, little endian; it is not in use yet
///                   bit 1 is "has a checksum": 4 bytes (lmdb/stored_value.hpp); in use where the
///                   database has no checksums of its own
inline constexpr std::array<char, 2> kValueHeader{'\x01', '\x00'};
inline constexpr std::array<char, 2> kChecksummedValueHeader{'\x01', '\x02'};

/// Returns whether `stored` begins with `header`, one of the two above.
[[nodiscard]] bool has_value_header(std::string_view stored,
                                    const std::array<char, 2>& header = kValueHeader) noexcept;

}  // namespace bytestore::core
