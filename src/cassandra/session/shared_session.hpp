#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytestore/error.hpp"
#include "cassandra/driver/port.hpp"
#include "cassandra/flow/sign_of_life.hpp"
#include "cassandra/policy/retry.hpp"
#include "cassandra/ring/ring.hpp"
#include "cassandra/session/event_log.hpp"
#include "cassandra/session/node_watch.hpp"
#include "cassandra/session/replica_load.hpp"
#include "cassandra/session/silence_watch.hpp"
#include "cassandra/session/window.hpp"
#include "core/timers.hpp"

namespace bytestore::cassandra {

/// Whom a session logs in as, which may change. Thread safe.
class SessionLogin {
 public:
  explicit SessionLogin(std::string username = {}) : username_(std::move(username)) {}

  /// Empty: no authentication by password.
  [[nodiscard]] std::string username() const;
  /// What the operator should know of it; may be empty.
  [[nodiscard]] std::string warning() const;
  /// Returns whether the operator should know something that was not said before.
  bool note(const Credentials& told);

 private:
  mutable std::mutex mutex_;
  std::string username_;
  std::string warning_;
};

/// What a session is to its stores, beside its connections.
struct SessionSettings {
  std::string keyspace{};  ///< folded; may be empty
  std::shared_ptr<SessionLogin> login = std::make_shared<SessionLogin>();
  Consistency consistency = Consistency::local_quorum;
  std::chrono::milliseconds attempt_timeout{10'000};
  RetryRule retries{};
  std::vector<std::string> warnings{};
  std::optional<Error> clock_refusal{};  ///< of stores that give writes this machine's time
  Partitioner partitioner = Partitioner::untold;  ///< as far as it was told while connecting
  LogCallback log{};
  std::shared_ptr<EventLog> events{};  ///< of `log`; null: the session makes it
};

/// A connected session and what its stores share. Thread safe.
class SharedSession {
 public:
  SharedSession(std::unique_ptr<DriverSession> driver, SessionSettings settings,
                core::Timers& timers = core::system_timers(), const WindowBounds& window = {});
  SharedSession(const SharedSession&) = delete;
  SharedSession& operator=(const SharedSession&) = delete;
  ~SharedSession();

  [[nodiscard]] DriverSession& driver() const noexcept { return *driver_; }
  [[nodiscard]] Window& window() noexcept { return window_; }
  [[nodiscard]] const Window& window() const noexcept { return window_; }
  [[nodiscard]] ReplicaLoads& loads() noexcept { return loads_; }
  [[nodiscard]] NodeWatch& node_watch() const noexcept { return *node_watch_; }
  [[nodiscard]] SignOfLife& life() noexcept { return life_; }
  [[nodiscard]] core::Timers& timers() const noexcept { return timers_; }
  [[nodiscard]] EventLog& log() const noexcept { return *log_; }
  [[nodiscard]] const SessionSettings& settings() const noexcept { return settings_; }
  /// Of the servers, as far as it is known now.
  [[nodiscard]] Partitioner partitioner() const noexcept { return partitioner_; }
  /// A server told it.
  void note(Partitioner partitioner) noexcept { partitioner_ = partitioner; }

 private:
  SessionSettings settings_;
  std::atomic<Partitioner> partitioner_;
  core::Timers& timers_;
  Window window_;
  std::shared_ptr<SilenceWatch> watch_;
  ReplicaLoads loads_;
  SignOfLife life_;
  std::shared_ptr<EventLog> log_;  // also of the driver, which may end a little later
  std::unique_ptr<DriverSession> driver_;
  std::unique_ptr<NodeWatch> node_watch_;
};

/// Queues `sender` at the window of `session`. Requests are made on a thread of the driver: the one
/// that writes them and that makes the next ones when answers come, so that neither memory nor
/// locks go from processor to processor.
void start_sending(const std::shared_ptr<SharedSession>& session,
                   std::shared_ptr<Window::Sender> sender) noexcept;

/// Passes on what a server warns of in an answer. `operation` is for instance "reading".
void report_warnings(const SharedSession& session, const Rows& rows, std::string_view operation);

/// Now, for what decides about retries of the requests of `session`.
RetryMoment retry_moment(SharedSession& session);

/// An attempt failed, and another one follows.
void report_retry(const SharedSession& session, const DriverError& error,
                  std::string_view operation);

}  // namespace bytestore::cassandra
