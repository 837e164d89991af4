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
/// was found to be stale. Attempts that fail are retried as requests for keys are. Thread safe.
class LazyStatement : public std::enable_shared_from_this<LazyStatement> {
 public:
  using Prepared = Result<std::shared_ptr<const Statement>>;
  using Callback = std::function<void(const Prepared&)>;

  /// `counters`, those of the statement's verb, must live until no request of `access` is inside.
  LazyStatement(SessionUse access, std::string cql, VerbCounters& counters);

  /// Calls back with the statement or why there is none: now, or on a thread of the driver or the
  /// library. Holds no lock then.
  void get(Callback callback);

  /// The statement if it is there already; else null, and nothing is asked for.
  [[nodiscard]] std::shared_ptr<const Statement> ready() const noexcept;

  /// The server does not know this statement any more: the next `get` prepares another one.
  void forget(const std::shared_ptr<const Statement>& stale);

  /// Why the last attempt at it failed, while it is being prepared; null: none did.
  [[nodiscard]] CausePtr last_failure() const;

  [[nodiscard]] const std::string& cql() const noexcept { return cql_; }

 private:
  void ask() noexcept;
  void answer(Prepared result) noexcept;
  bool try_later(const DriverError& error) noexcept;
  void finish(const Prepared& result) noexcept;

  SessionUse access_;
  std::string cql_;
  VerbCounters& counters_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Statement> statement_;
  std::vector<Callback> waiting_;  // not empty: it is being prepared
  std::optional<Attempts> attempts_;
  CausePtr last_failure_;
  std::unique_ptr<core::Timer> timer_;
};

}  // namespace bytestore::cassandra
