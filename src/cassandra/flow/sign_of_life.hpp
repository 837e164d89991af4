#pragma once

#include <atomic>

#include "core/call.hpp"

namespace bytestore::cassandra {

/// When a server last answered a request of the session, whatever it said. Requests are given up
/// by it: while answers come, those that wait do not age. Thread safe.
class SignOfLife {
 public:
  using Clock = core::Call::Clock;

  void seen(Clock::time_point now) noexcept {
    const auto time = now.time_since_epoch().count();
    auto last = last_.load(std::memory_order_relaxed);
    while (last < time && !last_.compare_exchange_weak(last, time, std::memory_order_relaxed)) {
    }
  }

  /// `Clock::time_point::min()`: never.
  [[nodiscard]] Clock::time_point last() const noexcept {
    return Clock::time_point(Clock::duration(last_.load(std::memory_order_relaxed)));
  }

 private:
  std::atomic<Clock::rep> last_{Clock::time_point::min().time_since_epoch().count()};
};

}  // namespace bytestore::cassandra
