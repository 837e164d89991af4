#pragma once

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace bytestore::cassandra {

/// The driver crate passes an object from the thread that makes a request to the one that completes
/// it. It synchronises the two, but is not compiled for the thread sanitizer, which has to be told:
/// what came before `handed_over` happened before what follows `taken_over`.
inline void handed_over([[maybe_unused]] void* object) noexcept {
#ifdef __SANITIZE_THREAD__
  __tsan_release(object);
#endif
}

inline void taken_over([[maybe_unused]] void* object) noexcept {
#ifdef __SANITIZE_THREAD__
  __tsan_acquire(object);
#endif
}

}  // namespace bytestore::cassandra
