#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>

#include "bytestore/error.hpp"
#include "core/fork.hpp"

namespace bytestore::core {

/// What every use of a parent's store or session in a forked child fails with: `unavailable`.
Error used_after_fork();

/// Somebody who is told, once, that nobody is inside a gate. What it does then must not block.
class IdleWaiter {
 public:
  IdleWaiter() = default;
  IdleWaiter(const IdleWaiter&) = delete;
  IdleWaiter& operator=(const IdleWaiter&) = delete;
  virtual ~IdleWaiter() = default;

  virtual void idle() noexcept = 0;

 private:
  friend class Gate;
  IdleWaiter* next_ = nullptr;  // of those who wait at one gate
};

/// Counts the requests that are at a backend, and lets a closing store wait for them. Thread safe;
/// entering and leaving a gate that is not shut takes no lock.
class Gate {
 public:
  Gate() = default;
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// The right to be at the backend; given back when it is destroyed.
  class Pass {
   public:
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&&) = delete;
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() {
      if (gate_ != nullptr) gate_->leave();
    }

   private:
    friend class Gate;
    explicit Pass(Gate* gate) noexcept : gate_(gate) {}
    Gate* gate_;
  };

  /// \throws Error `cancelled` once the gate is shut, `unavailable` in a forked child.
  [[nodiscard]] Pass enter();

  /// \throws Error as `enter` would, and lets nobody in.
  void check_open() const;

  /// Lets nobody in any more.
  void shut() noexcept;

  /// Asks those inside to end: `stop_token` is requested.
  void interrupt() noexcept { stop_.request_stop(); }
  [[nodiscard]] std::stop_token stop_token() const noexcept { return stop_.get_token(); }

  /// Waits until nobody is inside, for at most `patience`; returns whether that came about. Shut
  /// the gate first.
  bool wait_idle(std::chrono::milliseconds patience);
  void wait_idle();

  /// Tells `waiter`, which lives until then, once nobody is inside: at once, or on the thread that
  /// leaves last. Shut the gate first.
  void when_idle(IdleWaiter& waiter) noexcept;

  /// Whether this process is a forked child of the one that made the gate.
  [[nodiscard]] bool in_child() const noexcept { return home_.in_child(); }

 private:
  // Of `state_`: whether the gate is shut, and one who is inside. Once it is shut, those inside can
  // only become fewer, so that one thread alone sees it become idle.
  static constexpr std::uint64_t kShut = 1;
  static constexpr std::uint64_t kOneInside = 2;

  void leave() noexcept;
  void become_idle() noexcept;

  ForkGuard home_;
  std::stop_source stop_;
  std::atomic<std::uint64_t> state_{0};
  std::mutex mutex_;
  std::unique_ptr<std::condition_variable> idle_ = std::make_unique<std::condition_variable>();
  bool is_idle_ = false;  // shut, and nobody is inside; under the mutex, as those who wait
  IdleWaiter* waiting_ = nullptr;
};

}  // namespace bytestore::core
