#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/backend.hpp"
#include "lmdb/environment.hpp"

namespace bytestore::lmdb_backend {

/// Reads the values of [`begin`, `end`) of `keys` into their positions in `result`, and copies
/// them. A snapshot is given up when much was copied, so that none is kept for long.
void read_values(Environment& environment, std::span<const std::string_view> keys,
                 std::size_t begin, std::size_t end, core::ReadResult& result);

}  // namespace bytestore::lmdb_backend
