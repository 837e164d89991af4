#pragma once

#include <string>
#include <string_view>

#include "core/backend.hpp"

namespace bytestore::core {

/// Where a listing goes on, as a short text for users to keep: a version, the order of the keys, a
/// checksum, and the last key that was given. docs/decisions/033-cursors.md.
std::string encode_cursor(KeyOrder order, std::string_view last_key);

/// The key in it.
/// \throws Error `invalid_argument` unless it is whole and of a store with that order.
std::string decode_cursor(KeyOrder order, std::string_view text);

}  // namespace bytestore::core
