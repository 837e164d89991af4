#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "cassandra/session/window.hpp"
#include "core/timers.hpp"

namespace bytestore::cassandra {

/// Looks after those who wait at the window of a session: where no server answers they are told in
/// time to give up. One alarm for all of them, and none while nobody waits. Thread safe.
class SilenceWatch : public std::enable_shared_from_this<SilenceWatch> {
 public:
  using Clock = core::Call::Clock;

  /// Those who wait are looked at `interval` after the last time at the latest.
  SilenceWatch(core::Timers& timers, Window& window, std::chrono::milliseconds interval) noexcept
      : timers_(timers), interval_(interval), window_(&window) {}

  /// Looks at those who wait, and again when one of them has to give up, for as long as there are
  /// any. For `Window::watch_by`.
  void look() noexcept;

  /// Before the window is destroyed.
  void stop() noexcept;

 private:
  [[nodiscard]] std::vector<std::shared_ptr<Window::Sender>> waiting();

  core::Timers& timers_;
  std::chrono::milliseconds interval_;
  std::mutex mutex_;  // held while the window is looked at, so that it stays
  Window* window_;    // null: stopped
  std::unique_ptr<core::Timer> timer_;
};

}  // namespace bytestore::cassandra
