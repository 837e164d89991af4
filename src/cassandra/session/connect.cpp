#include "cassandra/session/connect.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "cassandra/cql/identifiers.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/policy/replication.hpp"
#include "cassandra/session/clock_probe.hpp"
#include "core/call.hpp"
#include "core/out_of_memory.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"

namespace bytestore::cassandra {
namespace {

/// A node that takes longer to tell the time is not waited for.
constexpr std::chrono::milliseconds kClockTimeout{2'000};

/// What it has in any case, however long connecting has taken.
constexpr std::chrono::milliseconds kLeast{100};

void require(bool condition, std::string_view problem) {
  if (!condition) throw Error(ErrorCode::invalid_argument, std::string(problem));
}

void check_tls(const TlsOptions& tls) {
  require(!tls.ca_file.empty(),
          "TLS needs the certificates to trust; name their file by tls_ca (TlsOptions::ca_file)");
  require(tls.certificate_file.empty() == tls.key_file.empty(),
          "a TLS client certificate needs its key and the other way round; give both "
          "tls.certificate_file and tls.key_file, or neither");
  require((tls.verify == TlsVerify::name) == !tls.name.empty(),
          "tls.name goes with TlsVerify::name; give both or neither");
}

/// One attempt to connect; lives until it has called back.
class ConnectAttempt final : public SessionSink {
 public:
  ConnectAttempt(const CassandraSessionOptions& options, SessionSettings settings,
                 std::function<void(ConnectResult)> connected)
      : ends_(core::system_timers().now() + core::bounded_wait(options.connect_timeout)),
        where_(fmt::format("{}", fmt::join(options.contact_points, ", "))),
        settings_(std::move(settings)),
        allow_clock_difference_(options.allow_clock_difference),
        connected_(std::move(connected)) {}

  void done(Result<std::unique_ptr<DriverSession>> result) noexcept override {
    std::unique_ptr<ConnectAttempt> self(this);
    if (const auto* error = std::get_if<DriverError>(&result)) {
      return connected_(to_error(*error, "connecting to " + where_));
    }
    session_ = std::move(std::get<std::unique_ptr<DriverSession>>(result));
    DriverSession& session = *session_;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(ends_ - core::system_timers().now());
    const auto timeout =
        std::max(std::min({settings_.attempt_timeout, kClockTimeout, left}), kLeast);
    try {
      // Nothing that this object holds may be destroyed before all requests have started.
      const std::shared_ptr<ConnectAttempt> shared(std::move(self));
      read_clocks(session, timeout,
                  [shared](const ClockReadings& readings) { shared->finish(readings); });
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): those read call back
    }
  }

 private:
  void finish(const ClockReadings& readings) {
    auto verdict = classify_clocks(readings.clocks, allow_clock_difference_);
    settings_.partitioner = readings.partitioner;
    settings_.warnings = verdict.warnings;
    const std::string of_clocks = fmt::format("{}", fmt::join(verdict.warnings, "; "));
    if (auto warning = settings_.login->warning(); !warning.empty()) {  // it is logged already
      settings_.warnings.push_back(std::move(warning));
    }
    settings_.clock_refusal = std::move(verdict.refusal);
    const std::string of_replication = warning_of_replication().value_or("");
    if (!of_replication.empty()) settings_.warnings.push_back(of_replication);
    auto core = std::make_shared<SharedSession>(std::move(session_), std::move(settings_));
    tell(*core, Event::clock, of_clocks);
    tell(*core, Event::replication, of_replication);
    connected_(std::move(core));
  }

  static void tell(const SharedSession& session, Event event, const std::string& warning) {
    if (warning.empty()) return;
    session.log().report(event, session.timers().now(), [&] { return warning; });
  }

  /// By what the driver has just read.
  [[nodiscard]] std::optional<std::string> warning_of_replication() const {
    if (settings_.keyspace.empty()) return std::nullopt;
    const auto topology = session_->topology(settings_.keyspace, "", "");
    const auto replication = topology->replication();
    if (!replication) return std::nullopt;
    return warning_of(settings_.keyspace, *replication, topology->nodes(),
                      session_->local_datacenter());
  }

  core::Timer::Clock::time_point ends_;
  std::string where_;  // for messages
  SessionSettings settings_;
  bool allow_clock_difference_;
  std::function<void(ConnectResult)> connected_;
  std::unique_ptr<DriverSession> session_;
};

Event event_of(DriverReportKind kind) noexcept {
  return kind == DriverReportKind::connections ? Event::connections : Event::credentials;
}

/// Has the log of the session told what the driver tells.
DriverReport to_log(const SessionSettings& settings) {
  return [events = settings.events](DriverReportKind kind, std::string_view message) {
    events->report(event_of(kind), core::system_timers().now(),
                   [&] { return std::string(message); });
  };
}

/// The options with functions that the driver may call on its own threads.
CassandraSessionOptions for_driver(CassandraSessionOptions options, const SessionSettings& settings,
                                   const DriverReport& report) {
  if (options.credentials) {
    options.credentials = [ask = std::move(options.credentials), login = settings.login, report] {
      Credentials told = ask();
      if (login->note(told)) report(DriverReportKind::credentials, told.warning);
      return told;
    };
  }
  return options;
}

}  // namespace

Consistency checked_consistency(Consistency consistency) {
  require(consistency != Consistency::any,
          "the consistency level ANY cannot be read with; use ONE or a higher one");
  return consistency;
}

void check(const CassandraSessionOptions& options) {
  if (options.contact_points.empty()) {
    throw Error(ErrorCode::not_configured,
                "no contact points: name at least one node in contact_points, or set "
                "CASSANDRA_CONTACT_POINTS and call init");
  }
  for (const std::string& point : options.contact_points) {
    require(!point.empty(), "a contact point is empty; write host, host:port or [IPv6]:port");
    // It is not repeated: what stands before the @ may be a password.
    require(point.find_first_of("@/") == std::string::npos,
            "a contact point is a URI; write host, host:port or [IPv6]:port, pass username and "
            "password by themselves, and give a URI to open");
  }
  require(options.port != 0, "the port is 0; Cassandra's is 9042");
  require(options.worker_threads > 0, "worker_threads is 0; use at least 1");
  require(options.connect_timeout.count() > 0 && options.attempt_timeout.count() > 0 &&
              options.give_up_after.count() > 0,
          "connect_timeout, attempt_timeout and give_up_after have to be positive");
  require(!options.username.empty() || options.password.empty(),
          "there is a password but no username; give both");
  require(!options.credentials || options.username.empty(),
          "there are both a username and a function that gives credentials; give one of them");
  if (options.tls) check_tls(*options.tls);
}

SessionSettings settings_of(const CassandraSessionOptions& options) {
  SessionSettings settings;
  if (!options.keyspace.empty()) {
    settings.keyspace = folded_keyspace(options.keyspace);
  }
  settings.login = std::make_shared<SessionLogin>(options.username);
  settings.consistency = checked_consistency(options.consistency);
  settings.attempt_timeout = core::bounded_wait(options.attempt_timeout);
  settings.log = options.log;
  settings.events = make_event_log(options.log);
  settings.retries.give_up_after = core::bounded_wait(options.give_up_after);
  return settings;
}

AbortConnecting start_connecting(const CassandraSessionOptions& options,
                                 std::function<void(ConnectResult)> connected,
                                 const ConnectFunction& connector) {
  check(options);
  // What the session needs later, where nobody could be told that it cannot be made.
  core::start_system_timers();
  core::out_of_memory();
  if (options.log) core::Runtime::instance();
  auto settings = settings_of(options);
  const auto report = to_log(settings);
  const auto crossing = for_driver(options, settings, report);
  auto connecting =
      std::make_unique<ConnectAttempt>(options, std::move(settings), std::move(connected));
  auto abort = connector(crossing, *connecting, report);
  static_cast<void>(connecting.release());  // `done` has it now
  return abort;
}

}  // namespace bytestore::cassandra
