#pragma once

#include <functional>
#include <memory>

#include "core/call.hpp"

namespace bytestore::cassandra {

/// Rings once at a time that can be changed. Its owner uses it under a lock of its own. It may ring
/// although it was just changed or destroyed, so who is rung looks for itself what is due.
class Alarm {
 public:
  using Clock = core::Call::Clock;

  virtual ~Alarm() = default;
  /// `max()`: not at all.
  virtual void set(Clock::time_point time) = 0;
};

/// The time, and who rings. Another one is used in tests.
class Timers {
 public:
  virtual ~Timers() = default;
  [[nodiscard]] virtual Alarm::Clock::time_point now() const = 0;
  /// `ring` runs on a thread of the library, holding no lock; what it refers to it holds weakly.
  [[nodiscard]] virtual std::unique_ptr<Alarm> alarm(std::function<void()> ring) = 0;
};

/// The clock of this machine, and the library's threads.
Timers& system_timers();

}  // namespace bytestore::cassandra
