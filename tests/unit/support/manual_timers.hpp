#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/timers.hpp"

namespace bytestore::cassandra {

/// A clock that stands still until a test moves it. Timers call back on the thread that moves it.
class ManualTimers final : public core::Timers {
 public:
  using Time = core::Timer::Clock::time_point;

  [[nodiscard]] Time now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }

  [[nodiscard]] std::unique_ptr<core::Timer> timer(std::function<void()> on_time) override {
    auto state = std::make_shared<State>();
    state->on_time = std::move(on_time);
    const std::lock_guard lock(mutex_);
    states_.push_back(state);
    return std::make_unique<ManualTimer>(*this, std::move(state));
  }

  /// Moves the clock, and calls back what was due by then.
  void advance(core::Timer::Clock::duration time) {
    std::vector<std::shared_ptr<State>> due;
    {
      const std::lock_guard lock(mutex_);
      now_ += time;
      for (const auto& weak : states_) {
        auto state = weak.lock();
        if (!state || state->time > now_) continue;
        state->time = Time::max();
        due.push_back(std::move(state));
      }
    }
    for (const auto& state : due) state->on_time();
  }

  /// How many timers are set.
  [[nodiscard]] std::size_t pending() const {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& weak : states_) {
      const auto state = weak.lock();
      if (state && state->time != Time::max()) ++count;
    }
    return count;
  }

 private:
  struct State {
    Time time = Time::max();
    std::function<void()> on_time;
  };

  class ManualTimer final : public core::Timer {
   public:
    ManualTimer(ManualTimers& timers, std::shared_ptr<State> state)
        : timers_(timers), state_(std::move(state)) {}
    void set(Time time) noexcept override {
      const std::lock_guard lock(timers_.mutex_);
      state_->time = time;
    }

   private:
    ManualTimers& timers_;
    std::shared_ptr<State> state_;
  };

  mutable std::mutex mutex_;
  Time now_{std::chrono::hours{1}};
  std::vector<std::weak_ptr<State>> states_;
};

}  // namespace bytestore::cassandra
