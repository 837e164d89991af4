#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bytestore/error.hpp"
#include "cassandra/driver/port.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/session/questions.hpp"
#include "cassandra/session/shared_session.hpp"

namespace bytestore::cassandra {

/// Why something must not be used; none: it may be.
using Refusal = std::optional<Error>;
using RefusalSink = core::Sink<Result<Refusal>>;

/// Whether a server answered that it does not know a table, a column or a kind of statement: as
/// servers of other versions do, and those that only resemble Cassandra.
bool is_unknown_there(const DriverError& error) noexcept;

/// A question to the servers, on whose answer it depends whether something may be used. It is asked
/// when its answer is first needed, once however many wait for it, and again unless the answer was
/// that it may be. Attempts that fail are retried as requests for keys are. An answer that may
/// change is asked for anew while it is used; if that fails, the old one holds. Thread safe.
class ServerCheck : public std::enable_shared_from_this<ServerCheck> {
 public:
  /// Makes the requests of one attempt, each of which may take `timeout`.
  using Ask = std::function<void(std::shared_ptr<Querier>, std::chrono::milliseconds timeout,
                                 RefusalSink&)>;
  using Callback = std::function<void(const Refusal&)>;
  using Clock = core::Timer::Clock;

  /// How long the answer that it may be used holds; 0: for ever.
  struct Validity {
    /// Whoever needs it later has it asked for anew, and does not wait.
    std::chrono::milliseconds renewed_after{0};
    /// Whoever needs it later than this waits until it was asked for anew.
    std::chrono::milliseconds trusted_for{0};
  };

  /// `operation` is for messages, as "asking for ...".
  ServerCheck(SessionUse access, std::string operation, Ask ask)
      : ServerCheck(std::move(access), std::move(operation), std::move(ask), {}) {}
  ServerCheck(SessionUse access, std::string operation, Ask ask, Validity validity);

  /// Calls back with the answer: now, or on a thread of the driver or the library. Holds no lock
  /// then.
  void get(Callback callback);

  /// Nobody needs to ask: it may be used.
  void skip() noexcept { passed_ = true; }

  /// Whether the answer was that it may be used, and need not be asked for anew: then `get` calls
  /// back at once.
  [[nodiscard]] bool has_passed() const noexcept;

  /// There are signs that the answer has changed: `get` asks, and calls back with what was asked
  /// after this.
  void distrust() noexcept;

  /// Why the last attempt failed, while it is being asked; null: none did.
  [[nodiscard]] CausePtr last_failure() const;

 private:
  void ask() noexcept;
  void answer(Result<Refusal> result) noexcept;
  void try_later(const DriverError& error) noexcept;
  void finish(const Refusal& refusal) noexcept;
  [[nodiscard]] std::chrono::milliseconds timeout();
  [[nodiscard]] Clock::time_point now() const noexcept;

  SessionUse access_;
  std::shared_ptr<Questions> questions_;
  std::string operation_;
  Ask ask_;
  Validity validity_;
  mutable std::mutex mutex_;
  // Both are written under the mutex.
  std::atomic<bool> passed_{false};
  std::atomic<Clock::time_point> renewed_at_{Clock::time_point::max()};
  Clock::time_point trusted_until_ = Clock::time_point::max();
  bool is_asking_ = false;
  bool is_outdated_ = false;  // what is being asked was asked before it was distrusted
  std::vector<Callback> waiting_;
  std::optional<Attempts> attempts_;
  CausePtr last_failure_;
  bool is_cut_short_ = false;  // the attempt has less time than it should, as a limit is near
  std::unique_ptr<core::Timer> timer_;
};

}  // namespace bytestore::cassandra
