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
///          1     1 flags; bit 0 is reserved for "expires": 8 bytes follow, the time of expiry in
///                   milliseconds since 1970, little endian. No flag is in use yet.
inline constexpr std::array<char, 2> kValueHeader{'\x01', '\x00'};

/// Returns whether `stored` begins with the header that this version writes.
[[nodiscard]] bool has_value_header(std::string_view stored) noexcept;

}  // namespace bytestore::core
