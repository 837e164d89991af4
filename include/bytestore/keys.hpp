#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "bytestore/detail/abi_tag.hpp"

namespace bytestore {

/// The longest key in bytes: what Cassandra accepts as a partition key, hence the limit everywhere.
inline constexpr std::size_t kMaxKeyBytes = 65'535;

/// Why no store takes `key`, and what to do about it, in words that go on after "the key": "is
/// empty; a key has at least 1 byte". Nothing if every store takes it. For programs that want to
/// leave out a wrong key rather than have it fail the call.
std::optional<std::string> key_problem(std::string_view key);

}  // namespace bytestore
