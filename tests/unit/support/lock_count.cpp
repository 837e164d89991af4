#include "unit/support/lock_count.hpp"

#include <dlfcn.h>
#include <pthread.h>

namespace {

thread_local std::size_t taken = 0;

}  // namespace

namespace bytestore::testing {

std::size_t locks_taken() noexcept { return taken; }

}  // namespace bytestore::testing

/// In place of the C library's, which it calls.
extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  using Lock = int (*)(pthread_mutex_t*);
  static const auto lock = reinterpret_cast<Lock>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  ++taken;
  return lock(mutex);
}
