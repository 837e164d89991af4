#pragma once

#include <chrono>
#include <optional>

#include "core/call.hpp"

namespace bytestore::cassandra {

/// When a request is tried again, and when it is given up.
struct RetryRule {
  std::chrono::milliseconds first_delay{20};
  std::chrono::milliseconds longest_delay{2'000};
  /// Since the last sign of life, and since the request's own first failure.
  std::chrono::milliseconds give_up_after{30'000};
};

/// The attempts at one request. `alive` is always when a server last answered the session.
class Attempts {
 public:
  using Clock = core::Call::Clock;

  /// `begun` is when somebody began to wait for the request.
  explicit Attempts(Clock::time_point begun) noexcept : begun_(begun) {}

  /// What is left of a part of the work has its time anew, and the failures behind it.
  void restart(Clock::time_point now) noexcept {
    begun_ = now;
    first_failure_.reset();
  }

  /// How many have failed.
  [[nodiscard]] int failed() const noexcept { return failed_; }

  /// When it is given up, as far as is known now: `give_up_after` since it began and since the last
  /// sign of life, whichever is later, but also since its own first failure: what is answered with
  /// errors again and again does not go on for as long as others succeed.
  [[nodiscard]] Clock::time_point limit(Clock::time_point alive,
                                        const RetryRule& rule) const noexcept;

  /// How long the next one may take: `longest`, but not past the giving up.
  [[nodiscard]] std::chrono::milliseconds timeout(Clock::time_point now, Clock::time_point alive,
                                                  std::chrono::milliseconds longest,
                                                  const RetryRule& rule) const noexcept;

  /// Notes a failed attempt; returns when to make the next one, or nothing to give up. Delays
  /// double from one to the next; `jitter`, from 0 to 1, takes up to half of one off, so that
  /// requests that failed together do not come back together.
  std::optional<Clock::time_point> fail(Clock::time_point now, Clock::time_point alive,
                                        double jitter, const RetryRule& rule) noexcept;

 private:
  Clock::time_point begun_;
  std::optional<Clock::time_point> first_failure_;
  int failed_ = 0;
};

/// A random number from 0 to 1.
double random_jitter();

}  // namespace bytestore::cassandra
