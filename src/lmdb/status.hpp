#pragma once

#include <string>
#include <string_view>

#include "bytestore/error.hpp"

namespace bytestore::lmdb_backend {

/// Returns the error code for what a function of LMDB returned, which is not 0.
[[nodiscard]] ErrorCode code_of(int status) noexcept;

/// Returns a message: what was tried, what LMDB said, and what to do.
[[nodiscard]] std::string describe(std::string_view what, int status);

/// \throws Error unless `status` is 0; `what` says what was tried. `std::bad_alloc` if LMDB got no
/// memory.
void check(std::string_view what, int status);

}  // namespace bytestore::lmdb_backend
