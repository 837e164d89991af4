#pragma once

#include <semaphore.h>

#include <atomic>
#include <memory>
#include <utility>

#include "core/blocking_call.hpp"

namespace bytestore::core {

/// Lets one thread wait until another one has brought something. Lives until `happen` returns,
/// which may be after `wait` has.
class Arrival {
 public:
  Arrival() noexcept;
  ~Arrival();
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;

  /// Once. What this thread did before is seen by the thread that waits.
  void happen() noexcept;

  [[nodiscard]] bool has_happened() const noexcept {
    return has_happened_.load(std::memory_order_acquire);
  }

  /// Throws what `detail::WhileWaiting` says, and nothing else.
  void wait();

  /// `waker` is called when it happens. Only before anybody may call `happen`.
  void wake_by(std::shared_ptr<const Waker> waker) noexcept { waker_ = std::move(waker); }

 private:
  /// A POSIX semaphore takes no lock, and does not spin before it sleeps, as
  /// `std::binary_semaphore` does: on a machine of few cores that takes the place of the thread
  /// that is waited for.
  sem_t happened_;
  std::atomic<bool> has_happened_{false};
  std::shared_ptr<const Waker> waker_;
};

}  // namespace bytestore::core
