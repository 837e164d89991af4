#pragma once

#include <cstddef>

namespace bytestore::testing {

/// Whether this program counts locks. With a sanitizer it does not, which looks at them itself.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kCountsLocks = false;
#else
inline constexpr bool kCountsLocks = true;
#endif

/// How many times this thread has locked a mutex, up to now.
std::size_t locks_taken() noexcept;

}  // namespace bytestore::testing
