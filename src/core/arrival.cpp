#include "core/arrival.hpp"

#include <chrono>
#include <ctime>

#include "bytestore/detail/while_waiting.hpp"

namespace bytestore::core {
namespace {

/// The time between two looks.
constexpr std::chrono::nanoseconds kMoment = std::chrono::milliseconds{50};

timespec after_a_moment() noexcept {
  const auto time = std::chrono::steady_clock::now().time_since_epoch() + kMoment;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {.tv_sec = static_cast<std::time_t>(seconds.count()),
          .tv_nsec = static_cast<long>((time - seconds).count())};
}

}  // namespace

Arrival::Arrival() noexcept { sem_init(&happened_, 0, 0); }

Arrival::~Arrival() { sem_destroy(&happened_); }

void Arrival::happen() noexcept {
  has_happened_.store(true, std::memory_order_release);
  sem_post(&happened_);
  if (waker_) waker_->wake();
}

void Arrival::wait() {
  const auto* const look = detail::WhileWaiting::current();
  // The thread may have worked for its backend for as long before.
  if (look != nullptr && !has_happened()) (*look)();
  while (!has_happened()) {
    if (look == nullptr) {
      sem_wait(&happened_);  // or a signal came
      continue;
    }
    const timespec limit = after_a_moment();
    // The steady clock is the system's monotonic one.
    if (sem_clockwait(&happened_, CLOCK_MONOTONIC, &limit) != 0) (*look)();
  }
}

}  // namespace bytestore::core
