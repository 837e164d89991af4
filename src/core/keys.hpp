#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bytestore/batch.hpp"

namespace bytestore::core {

/// \throws Error `invalid_argument`, naming the position and the remedy, for the first key that is
/// empty, too long or not valid UTF-8.
void check_keys(std::span<const std::string_view> keys);
void check_keys(std::span<const EntryRef> entries);

/// The least byte string that is greater than every string that begins with `prefix`; nothing if
/// there is none (the prefix is empty or all 0xFF).
std::optional<std::string> prefix_upper_bound(std::string_view prefix);

/// Returns why no store accepts a key, as `key_problem` does but without what to do about it.
std::optional<std::string> key_fault(std::string_view key);

}  // namespace bytestore::core
