#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cassandra/driver/types.hpp"
#include "core/backend.hpp"

/// The driver, as the rest of src/cassandra sees it: connect, prepare, one attempt at a request,
/// pages, the topology. It decides nothing and retries nothing.
///
/// Everything that takes a sink calls it exactly once, on a thread of the driver, holding no lock
/// and with `core::in_completion()` set: what runs there must not block and must not run user code.
/// A sink may release the last reference to its session. Arguments are borrowed for the call only;
/// sinks live until they are called. A call may throw (`std::bad_alloc`; `Error` in a forked child
/// of the process that connected), and then never calls its sink.
namespace bytestore::cassandra {

/// A prepared statement; only for the session that prepared it. Thread safe.
class Statement {
 public:
  virtual ~Statement() = default;

  /// How many values one row binds.
  [[nodiscard]] virtual std::size_t bind_count() const noexcept = 0;
};

using StatementSink = core::Sink<Result<std::shared_ptr<const Statement>>>;
using RowsSink = core::Sink<Result<Rows>>;

/// A session with a cluster. Thread safe.
///
/// Its destructor may run anywhere, also in a sink; it does not wait. Requests in flight then end
/// with `session_ended`, and the threads of the session end soon after. In a forked child it leaks
/// on purpose.
class DriverSession {
 public:
  virtual ~DriverSession() = default;

  virtual void prepare(std::string_view cql, StatementSink& sink) = 0;

  /// One attempt at one statement.
  virtual void execute(const Statement& statement, std::span<const Value> values,
                       const RequestOptions& options, RowsSink& sink) = 0;

  /// One attempt at an unlogged batch of one statement. `values` are those of all rows, one row
  /// after the other.
  virtual void execute_batch(const Statement& statement, std::span<const Value> values,
                             const RequestOptions& options, RowsSink& sink) = 0;

  /// One attempt at a statement without preparing it. After a change of the schema, waits until the
  /// nodes agree on it and the topology knows it.
  virtual void query(std::string_view cql, const RequestOptions& options, RowsSink& sink) = 0;

  /// Runs `task`, which must not throw, on a thread of the driver: now if this is one, else soon.
  /// As a sink it must not block. If the session ends first, it is destroyed instead.
  virtual void run_on_driver(std::function<void()> task) = 0;

  /// `datacenter` limits the replicas to one datacenter; empty: all. Does not wait.
  [[nodiscard]] virtual std::unique_ptr<const Topology> topology(
      std::string_view keyspace, std::string_view table, std::string_view datacenter) const = 0;

  /// The one that was asked for or inferred.
  [[nodiscard]] virtual const std::string& local_datacenter() const noexcept = 0;
};

enum class Compression { none, lz4, snappy };

/// Whom a server's certificate must name; it must chain up to the CA file in any case.
enum class TlsVerify {
  ip,     ///< the address that was connected to
  name,   ///< `TlsConfig::name`
  chain,  ///< anybody
};

struct TlsConfig {
  std::string ca_file{};           ///< PEM
  std::string certificate_file{};  ///< PEM, for clients that must show one; with `key_file`
  std::string key_file{};          ///< PEM
  TlsVerify verify = TlsVerify::ip;
  std::string name{};  ///< a host name, for `TlsVerify::name`
};

struct SessionConfig {
  /// `host`, `host:port`, an address, or `[IPv6 address]:port`.
  std::vector<std::string> contact_points{};
  std::uint16_t default_port = 9042;
  /// Empty: the only one, or that of the contact points which are addresses of nodes, or else that
  /// of the node which answered. A name that is not resolved within a second of that does not
  /// count.
  std::string local_datacenter{};
  std::string username{};  ///< empty: no authentication
  std::string password{};
  std::optional<TlsConfig> tls{};
  std::chrono::milliseconds connect_timeout{10'000};  ///< for all of connecting
  std::chrono::milliseconds attempt_timeout{10'000};  ///< for each request, unless it has its own
  Compression compression = Compression::none;
  std::uint16_t worker_threads = 1;
  std::string application_name{};  ///< told to the server; empty: none
};

using SessionSink = core::Sink<Result<std::unique_ptr<DriverSession>>>;

/// Ends connecting: the sink gets `session_ended` soon, unless it is called before. On any thread,
/// at any time; nothing in a forked child.
using AbortConnecting = std::function<void()>;

/// Connects. Files are read on the driver's thread.
AbortConnecting connect(const SessionConfig& config, SessionSink& sink);

}  // namespace bytestore::cassandra
