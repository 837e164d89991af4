#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "cassandra/driver/port.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/session/shared_session.hpp"
#include "cassandra/table/verb_counters.hpp"

namespace bytestore::cassandra {

/// A statement that is prepared when it is first needed, once however many ask, and again when it
/// was found to be stale. Attempts that fail are retried as requests for keys are. The driver
/// prepares on all nodes, so that one which hangs holds it up: then those who ask get the statement
/// unprepared until it is there. Thread safe.
class LazyStatement : public std::enable_shared_from_this<LazyStatement> {
 public:
  /// How long those who ask wait for an attempt at preparing it.
  static constexpr std::chrono::milliseconds kPatience{200};

  using Prepared = Result<std::shared_ptr<const Statement>>;
  using Callback = std::function<void(const Prepared&)>;

  /// The statement takes `markers` values. `counters`, those of its verb, must live until no
  /// request of `access` is inside.
  LazyStatement(SessionUse access, std::string cql, std::size_t markers, VerbCounters& counters);

  /// Calls back with the statement or why there is none: now, or on a thread of the driver or the
  /// library. Holds no lock then.
  void get(Callback callback);

  /// The statement if it is prepared already; else null, and nothing is asked for.
  [[nodiscard]] std::shared_ptr<const Statement> ready() const noexcept;

  /// The server does not know this statement any more: the next `get` prepares another one.
  void forget(const std::shared_ptr<const Statement>& stale);

  /// Why the last attempt at it failed, while it is being prepared; null: none did.
  [[nodiscard]] CausePtr last_failure() const;

  [[nodiscard]] const std::string& cql() const noexcept { return cql_; }

 private:
  void ask() noexcept;
  void watch() noexcept;
  void stand_in() noexcept;
  void answer(Prepared result) noexcept;
  bool try_later(const DriverError& error) noexcept;
  void finish(const Prepared& result) noexcept;

  SessionUse access_;
  std::string cql_;
  std::size_t markers_;
  VerbCounters& counters_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Statement> statement_;
  std::shared_ptr<const Statement> unprepared_;  // not null: it takes its time
  bool is_being_prepared_ = false;
  std::vector<Callback> waiting_;
  std::optional<Attempts> attempts_;
  CausePtr last_failure_;
  std::unique_ptr<core::Timer> retry_timer_;
  std::unique_ptr<core::Timer> patience_timer_;
  std::shared_ptr<std::optional<KeepOpen>> keep_open_;  // of an attempt that somebody waits for
};

}  // namespace bytestore::cassandra
