#pragma once

#include <chrono>
#include <optional>

#include "cassandra/policy/error_policy.hpp"
#include "core/call.hpp"

namespace bytestore::cassandra {

/// When a request is retried, and when it is given up.
struct RetryRule {
  std::chrono::milliseconds first_delay{20};
  std::chrono::milliseconds longest_delay{2'000};
  /// Since the last sign of life, and since the request's own first failure.
  std::chrono::milliseconds give_up_after{30'000};
};

/// `rule` for a request that failed with `error`: a table that no node knows is soon given up.
RetryRule retry_rule(const DriverError& error, RetryRule rule) noexcept;

/// The attempts at one request. `alive` is always when a server last answered the session.
class Attempts {
 public:
  using Clock = core::Call::Clock;

  /// `begun` is when somebody began to wait for the request.
  explicit Attempts(Clock::time_point begun) noexcept : begun_(begun) {}

  /// Restarts the give-up clock for a part of the work, and keeps the number of failures.
  void restart(Clock::time_point now) noexcept {
    begun_ = now;
    first_failure_.reset();
  }

  /// How many attempts have failed.
  [[nodiscard]] int failed() const noexcept { return failed_; }

  /// Whether a failed attempt may have been applied, which no later failure takes back.
  [[nodiscard]] bool may_be_applied() const noexcept { return may_be_applied_; }
  void note_may_be_applied() noexcept { may_be_applied_ = true; }

  /// When the request is given up, as far as is known now: `give_up_after` since it began and since
  /// the last sign of life, whichever is later, but also since its own first failure. So a request
  /// that is answered with errors again and again does not go on for as long as others succeed.
  [[nodiscard]] Clock::time_point limit(Clock::time_point alive,
                                        const RetryRule& rule) const noexcept;

  /// How long the next attempt may take: `longest`, but not past the moment of giving up.
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
  bool may_be_applied_ = false;
};

/// What a request is, as far as it matters to whether it is retried.
struct RetryTraits {
  Effect effect = Effect::read;
  /// The request is for several keys, each of which is retried in a request of its own.
  bool is_group = false;
  /// Whether the request is retried although it may have been applied. It must not be if the server
  /// gives it its time: then the retry would overwrite what others wrote in between.
  bool may_repeat = true;
  /// Whether the request is a write of 1 MiB or more. Such a one may be over a limit of servers
  /// that do not name it, and is soon given up if replicas fail.
  bool is_large = false;
  /// Whether the table should be there. Then one that no node knows is soon given up.
  bool expects_table = true;
};

/// The moment at which an attempt has failed.
struct RetryMoment {
  Attempts::Clock::time_point now;
  Attempts::Clock::time_point alive;  ///< when a server last answered the session
  double jitter;                      ///< as in `Attempts::fail`
};

/// How the keys of a group that has failed are retried.
enum class Regrouping {
  one_by_one,  ///< one bad key, or one that is slow to answer, must not fail its neighbours
  together,    ///< nothing is wrong with them, but with the node
  smaller,     ///< nothing is wrong with any of them, but they are too many for one request
};

/// What follows a failed attempt.
struct RetryDecision {
  std::optional<Attempts::Clock::time_point> retry_at{};  ///< nothing: the request is given up
  /// Whether another attempt may succeed. If so, a request that is given up has run out of time.
  bool may_help = false;
  Regrouping regrouping = Regrouping::one_by_one;
};

/// Decides whether and when a request is retried after an attempt has failed with `error`, and
/// notes the failure in `attempts`. Every request that the library retries is decided about here.
RetryDecision decide_retry(const DriverError& error, const RetryTraits& request, Attempts& attempts,
                           const RetryMoment& moment, const RetryRule& rule) noexcept;

/// When something that has been waited for since `begun` ends if no server answers until then.
Attempts::Clock::time_point silence_limit(Attempts::Clock::time_point begun,
                                          Attempts::Clock::time_point alive,
                                          const RetryRule& rule) noexcept;

/// A random number from 0 to 1.
double random_jitter();

}  // namespace bytestore::cassandra
