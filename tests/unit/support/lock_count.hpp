#pragma once

#include <cstddef>

namespace bytestore::testing {

/// How many times this thread has locked a mutex, up to now.
std::size_t locks_taken() noexcept;

}  // namespace bytestore::testing
