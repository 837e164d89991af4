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

#include "bytestore/cassandra_session.hpp"
#include "cassandra/driver/types.hpp"
#include "core/backend.hpp"
#include "core/blocking_call.hpp"

/// The driver, as the rest of src/cassandra sees it: connect, prepare, one attempt at a request,
/// pages, the topology. It decides nothing and retries nothing.
///
/// Everything that takes a sink calls it exactly once, on a thread of the driver, holding no lock
/// and with `core::in_completion()` set: what runs there must not block and must not run user code.
/// A sink may release the last reference to its session. Arguments are borrowed for the call only;
/// sinks live until they are called. A call may throw (`std::bad_alloc`; `Error` in a forked child
/// of the process that connected), and then never calls its sink.
namespace bytestore::cassandra {

/// A statement that takes values; only for the session that made it. Thread safe.
class Statement {
 public:
  virtual ~Statement() = default;
};

using StatementSink = core::Sink<Result<std::shared_ptr<const Statement>>>;
using RowsSink = core::Sink<Result<Rows>>;

/// What statements without values are asked of.
class Querier {
 public:
  virtual ~Querier() = default;

  /// One attempt at a statement without preparing it. A change of the schema is then known to the
  /// node that made it, and to the others a little later.
  virtual void query(std::string_view cql, const RequestOptions& options, RowsSink& sink) = 0;
};

/// A session with a cluster. Thread safe.
///
/// Its destructor may run anywhere, also in a sink; it does not wait. Requests in flight then end
/// with `session_ended`, and the threads of the session end soon after. In a forked child it leaks
/// on purpose.
class DriverSession : public Querier {
 public:
  /// Asks every node that there is a connection to, and is done when all have answered: so one that
  /// hangs holds it up for as long as an attempt may take.
  virtual void prepare(std::string_view cql, StatementSink& sink) = 0;

  /// A statement that takes `markers` values. It is there at once, and costs each request that
  /// executes it another round trip, in which its node prepares it.
  [[nodiscard]] virtual std::shared_ptr<const Statement> unprepared(std::string_view cql,
                                                                    std::size_t markers) = 0;

  /// One attempt at one statement.
  virtual void execute(const Statement& statement, std::span<const Value> values,
                       const RequestOptions& options, RowsSink& sink) = 0;

  /// One attempt at an unlogged batch of one statement. `values` are those of all rows, one row
  /// after the other.
  virtual void execute_batch(const Statement& statement, std::span<const Value> values,
                             const RequestOptions& options, RowsSink& sink) = 0;

  /// Asks a node for what costs it next to nothing.
  virtual void ping(const NodeId& node, std::chrono::milliseconds timeout, RowsSink& sink) {
    RequestOptions options;
    options.consistency = Consistency::one;
    options.timeout = timeout;
    options.replicas = {&node, 1};
    options.others_may_serve = false;
    query("SELECT key FROM system.local", options, sink);
  }

  /// Runs `task`, which must not throw, on a thread of the driver: now if this is one, else soon.
  /// As a sink it must not block. If the session ends first, it is destroyed instead.
  virtual void run_on_driver(std::function<void()> task) = 0;

  /// Begins a call on this thread, which waits for it afterwards. Where that is faster, this thread
  /// is then one of the driver until the call is done, or for a shorter time. The session lives
  /// until this returns.
  virtual void begin_blocking(core::BlockingCall& call) { call.begin(); }

  /// `datacenter` limits the replicas to one datacenter; empty: all. Does not wait.
  [[nodiscard]] virtual std::unique_ptr<const Topology> topology(
      std::string_view keyspace, std::string_view table, std::string_view datacenter) const = 0;

  /// Has topologies know what was changed in the schema: soon, and otherwise within a minute. Does
  /// not wait.
  virtual void refresh_topology() = 0;

  /// The version of a topology of `keyspace` that is taken now. Costs less than taking it.
  [[nodiscard]] virtual std::uint64_t topology_version(std::string_view keyspace) const = 0;

  /// The one that was asked for or inferred.
  [[nodiscard]] virtual const std::string& local_datacenter() const noexcept = 0;
};

using SessionSink = core::Sink<Result<std::unique_ptr<DriverSession>>>;

/// What a session tells its operator of.
enum class DriverReportKind {
  credentials,  ///< they, or certificates, could not be renewed
  connections,  ///< nodes cannot be reached
};

/// Tells the operator, also while connecting. It is called on threads of the driver, several at a
/// time, and must neither block nor throw. It may be null.
using DriverReport = std::function<void(DriverReportKind kind, std::string_view message)>;

/// Ends connecting: the sink gets `session_ended` soon, unless it is called before. On any thread,
/// at any time; nothing in a forked child.
using AbortConnecting = std::function<void()>;

/// Connects. Of the options it reads those of connections and requests: `contact_points` to
/// `local_datacenter`, with `address_map` and `address_function`, `username` to `attempt_timeout`,
/// `compression`, `worker_threads` and `application_name`; their checks are the caller's. Files are
/// read on the driver's thread. The session calls `credentials` on a thread of its own, one call at
/// a time, and `report` for as long as it lives.
AbortConnecting connect(const CassandraSessionOptions& options, SessionSink& sink,
                        DriverReport report = {});

}  // namespace bytestore::cassandra
