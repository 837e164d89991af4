#pragma once

#include <atomic>
#include <memory>

#include "core/fork.hpp"

namespace bytestore::core {

/// The one T of a process, for static objects: made on first use and never destroyed, since user
/// code may still use it when static objects are. A forked child makes its own; that of the parent
/// stays as it is, since its threads are not there.
template <typename T>
class PerProcess {
 public:
  constexpr PerProcess() noexcept = default;

  /// \throws what the constructor throws; the next call tries again.
  T& get() {
    // Lock-free: in a forked child a lock could be held for ever by a thread that is not there.
    Kept* known = current_.load(std::memory_order_acquire);
    if (known != nullptr && !known->home.in_child()) return known->object;
    auto fresh = std::make_unique<Kept>();
    if (!current_.compare_exchange_strong(known, fresh.get(), std::memory_order_acq_rel)) {
      return known->object;
    }
    return fresh.release()->object;
  }

 private:
  struct Kept {
    ForkGuard home{};
    T object{};
  };

  std::atomic<Kept*> current_{nullptr};
};

}  // namespace bytestore::core
