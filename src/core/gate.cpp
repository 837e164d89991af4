#include "core/gate.hpp"

#include <utility>

#include "core/call.hpp"

namespace bytestore::core {

Error used_after_fork() {
  return {
      ErrorCode::unavailable,
      "this store, or the session that it uses, was made before fork() and cannot be used in the "
      "child; make another session and store there"};
}

Gate::~Gate() {
  // Destroying it would wait for the threads that wait for it, which are not in a forked child.
  if (in_child()) leak(std::move(idle_));
}

void Gate::check_open() const {
  if (in_child()) throw used_after_fork();
  if ((state_.load() & kShut) != 0) {
    throw Error(ErrorCode::cancelled, "the store is closed; open it again");
  }
}

Gate::Pass Gate::enter() {
  std::uint64_t state = state_.load();
  do {
    check_open();
  } while (!state_.compare_exchange_weak(state, state + kOneInside));
  return Pass(this);
}

void Gate::shut() noexcept {
  if (state_.fetch_or(kShut) == 0) become_idle();
}

bool Gate::wait_idle(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return idle_->wait_for(lock, bounded_wait(patience), [this] { return is_idle_; });
}

void Gate::wait_idle() {
  std::unique_lock lock(mutex_);
  idle_->wait(lock, [this] { return is_idle_; });
}

void Gate::when_idle(IdleWaiter& waiter) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (!is_idle_) {
      waiter.next_ = std::exchange(waiting_, &waiter);
      return;
    }
  }
  waiter.idle();
}

void Gate::leave() noexcept {
  // Whom it would tell in a forked child is in the parent.
  if (state_.fetch_sub(kOneInside) == (kOneInside | kShut) && !in_child()) become_idle();
}

void Gate::become_idle() noexcept {
  IdleWaiter* told = nullptr;
  {
    const std::lock_guard lock(mutex_);
    is_idle_ = true;
    told = std::exchange(waiting_, nullptr);
    idle_->notify_all();  // under the lock: who waits may destroy the gate once it is released
  }
  while (told != nullptr) {
    IdleWaiter& waiter = *told;
    told = std::exchange(waiter.next_, nullptr);  // it may be gone afterwards, or wait elsewhere
    waiter.idle();
  }
}

}  // namespace bytestore::core
