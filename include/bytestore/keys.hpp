#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "bytestore/detail/abi_tag.hpp"

namespace bytestore {

/// The greatest length of a key in bytes. It is Cassandra's limit for a partition key, and applies
/// to every store.
inline constexpr std::size_t kMaxKeyBytes = 65'535;

/// Returns why no store accepts `key` and what to do about it, in words that follow "the key", such
/// as "is empty; a key has at least 1 byte". Returns nothing if every store accepts it. Programs
/// use it to leave out a wrong key, which would otherwise make the whole call fail.
std::optional<std::string> key_problem(std::string_view key);

}  // namespace bytestore
