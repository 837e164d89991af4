#include "core/timers.hpp"

#include <boost/intrusive/set.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "core/fork.hpp"
#include "core/per_process.hpp"
#include "core/runtime.hpp"

namespace bytestore::core {
namespace {

using Clock = Timer::Clock;

/// What is to be called, when.
struct Alarm : boost::intrusive::set_base_hook<>, std::enable_shared_from_this<Alarm> {
  explicit Alarm(std::function<void()> what) : on_time(std::move(what)) {}
  friend bool operator<(const Alarm& one, const Alarm& other) { return one.time < other.time; }

  const std::function<void()> on_time;
  std::shared_ptr<Alarm> itself;  // set where it is left alone for good
  Clock::time_point time = Clock::time_point::max();
};

/// The thread that calls. Setting an alarm allocates nothing, so that it cannot fail.
class AlarmThread {
 public:
  AlarmThread() : thread_(make_thread([this] { run(); })) {}
  ~AlarmThread() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  AlarmThread(const AlarmThread&) = delete;
  AlarmThread& operator=(const AlarmThread&) = delete;

  void set(Alarm& alarm, Clock::time_point time) noexcept {
    const std::lock_guard lock(mutex_);
    if (alarm.is_linked()) alarms_.erase(alarms_.iterator_to(alarm));
    if (time == Clock::time_point::max()) return;
    alarm.time = time;
    const auto place = alarms_.insert(alarm);
    if (place == alarms_.begin()) changed_.notify_one();
  }

 private:
  void run() noexcept {
    std::unique_lock lock(mutex_);
    while (!ended_) {
      if (alarms_.empty()) {
        changed_.wait(lock);
        continue;
      }
      const auto first = alarms_.begin();
      if (const auto time = first->time; Clock::now() < time) {
        changed_.wait_until(lock, time);
        continue;
      }
      auto due = first->shared_from_this();  // its timer may go meanwhile
      alarms_.erase(first);
      lock.unlock();
      due->on_time();
      due.reset();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  boost::intrusive::multiset<Alarm> alarms_;
  bool ended_ = false;
  std::thread thread_;  // last: it uses the others
};

constinit PerProcess<AlarmThread> the_alarm_thread;

class SystemTimer final : public Timer {
 public:
  explicit SystemTimer(std::function<void()> on_time)
      : thread_(the_alarm_thread.get()), alarm_(std::make_shared<Alarm>(std::move(on_time))) {}
  ~SystemTimer() override { SystemTimer::set(Clock::time_point::max()); }
  SystemTimer(const SystemTimer&) = delete;
  SystemTimer& operator=(const SystemTimer&) = delete;

  void set(Clock::time_point time) noexcept override {
    if (home_.in_child()) {
      // The parent's alarms stay as they are: a thread that is not here may hold their lock.
      alarm_->itself = alarm_;
      return;
    }
    thread_.set(*alarm_, time);
  }

 private:
  ForkGuard home_;
  AlarmThread& thread_;
  std::shared_ptr<Alarm> alarm_;
};

class SystemTimers final : public Timers {
 public:
  [[nodiscard]] Clock::time_point now() const override { return Clock::now(); }
  [[nodiscard]] std::unique_ptr<Timer> timer(std::function<void()> on_time) override {
    return std::make_unique<SystemTimer>(std::move(on_time));
  }
};

}  // namespace

/// Never destroyed: sessions may still use it when static objects are.
Timers& system_timers() {
  static auto* const timers = new SystemTimers;  // NOLINT(cppcoreguidelines-owning-memory)
  return *timers;
}

void start_system_timers() {
  system_timers();
  the_alarm_thread.get();
}

}  // namespace bytestore::core
