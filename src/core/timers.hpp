#pragma once

#include <functional>
#include <memory>

#include "core/call.hpp"

namespace bytestore::core {

/// Calls back once, at a time that can be changed. Its owner uses it under a lock of its own. It
/// may call although it was just changed or destroyed, so that the callee checks what is due.
class Timer {
 public:
  using Clock = Call::Clock;

  virtual ~Timer() = default;
  /// `max()`: not at all.
  virtual void set(Clock::time_point time) noexcept = 0;
};

/// The clock and the timers on it. Tests use a clock that they move themselves.
class Timers {
 public:
  virtual ~Timers() = default;
  [[nodiscard]] virtual Timer::Clock::time_point now() const = 0;
  /// `on_time` runs on a thread of the library, holding no lock, and must not throw. It must refer
  /// weakly to what owns the timer.
  /// \throws std::bad_alloc; Error `io` if their thread cannot be made.
  [[nodiscard]] virtual std::unique_ptr<Timer> timer(std::function<void()> on_time) = 0;
};

/// The clock of this machine, and a thread of the library that nothing blocks, so that a deadline
/// does not wait behind the requests that it ends.
Timers& system_timers();

/// Makes that thread, unless it is there: from then on a timer of this process lacks nothing but
/// memory. \throws Error `io` if it cannot be made.
void start_system_timers();

}  // namespace bytestore::core
