#pragma once

#include <chrono>
#include <optional>

#include "core/call.hpp"

namespace bytestore::cassandra {

/// When a request is tried again, and when it is given up.
struct RetryRule {
  std::chrono::milliseconds first_delay{20};
  std::chrono::milliseconds longest_delay{2'000};
  std::chrono::milliseconds give_up_after{30'000};  ///< since the first attempt
};

/// The attempts at one request.
class Attempts {
 public:
  using Clock = core::Call::Clock;

  explicit Attempts(Clock::time_point first) noexcept : first_(first) {}

  /// What is left of a part of the work has its time anew, and the failures behind it.
  void restart(Clock::time_point now) noexcept { first_ = now; }

  /// How many have failed.
  [[nodiscard]] int failed() const noexcept { return failed_; }

  /// How long the next one may take: `longest`, but not past the giving up.
  [[nodiscard]] std::chrono::milliseconds timeout(Clock::time_point now,
                                                  std::chrono::milliseconds longest,
                                                  const RetryRule& rule) const noexcept;

  /// Notes a failed attempt; returns when to make the next one, or nothing to give up. Delays
  /// double from one to the next; `jitter`, from 0 to 1, takes up to half of one off, so that
  /// requests that failed together do not come back together.
  std::optional<Clock::time_point> fail(Clock::time_point now, double jitter,
                                        const RetryRule& rule) noexcept;

 private:
  Clock::time_point first_;
  int failed_ = 0;
};

/// A random number from 0 to 1.
double random_jitter();

}  // namespace bytestore::cassandra
