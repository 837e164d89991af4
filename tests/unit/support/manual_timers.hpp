#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/timers.hpp"

namespace bytestore::cassandra {

/// A clock that stands still until a test moves it. Alarms ring on the thread that moves it.
class ManualTimers final : public Timers {
 public:
  using Time = Alarm::Clock::time_point;

  [[nodiscard]] Time now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }

  [[nodiscard]] std::unique_ptr<Alarm> alarm(std::function<void()> ring) override {
    auto state = std::make_shared<State>();
    state->ring = std::move(ring);
    const std::lock_guard lock(mutex_);
    alarms_.push_back(state);
    return std::make_unique<ManualAlarm>(*this, std::move(state));
  }

  /// Moves the clock, and rings what was due by then.
  void advance(Alarm::Clock::duration time) {
    std::vector<std::shared_ptr<State>> due;
    {
      const std::lock_guard lock(mutex_);
      now_ += time;
      for (const auto& weak : alarms_) {
        auto state = weak.lock();
        if (!state || state->time > now_) continue;
        state->time = Time::max();
        due.push_back(std::move(state));
      }
    }
    for (const auto& state : due) state->ring();
  }

  /// How many alarms are set.
  [[nodiscard]] std::size_t pending() const {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& weak : alarms_) {
      const auto state = weak.lock();
      if (state && state->time != Time::max()) ++count;
    }
    return count;
  }

 private:
  struct State {
    Time time = Time::max();
    std::function<void()> ring;
  };

  class ManualAlarm final : public Alarm {
   public:
    ManualAlarm(ManualTimers& timers, std::shared_ptr<State> state)
        : timers_(timers), state_(std::move(state)) {}
    void set(Time time) override {
      const std::lock_guard lock(timers_.mutex_);
      state_->time = time;
    }

   private:
    ManualTimers& timers_;
    std::shared_ptr<State> state_;
  };

  mutable std::mutex mutex_;
  Time now_{std::chrono::hours{1}};
  std::vector<std::weak_ptr<State>> alarms_;
};

}  // namespace bytestore::cassandra
