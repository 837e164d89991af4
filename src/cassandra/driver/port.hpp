#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "bytestore/bytes.hpp"
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

/// Consistency levels; the values are the protocol's.
enum class Consistency : std::uint16_t {
  any = 0,
  one = 1,
  two = 2,
  three = 3,
  quorum = 4,
  all = 5,
  local_quorum = 6,
  each_quorum = 7,
  local_one = 10,
};

/// Consistency levels of lightweight transactions; the values are the protocol's.
enum class SerialConsistency : std::uint16_t { serial = 8, local_serial = 9 };

enum class DriverErrorCode {
  // What a server answered.
  syntax,
  invalid,        ///< wrong statement or values
  unknown_table,  ///< or keyspace: there is none, or the node has not heard of it yet
  already_exists,
  unauthorized,     ///< a permission is missing
  bad_credentials,  ///< wrong user or password, or none where they are needed
  config,
  unavailable,   ///< too few replicas are known to be alive: `received` of `required`
  read_timeout,  ///< with `received` and `required`, as the next three
  write_timeout,
  read_failure,  ///< the message names tombstones if it was they
  write_failure,
  overloaded,  ///< by the server, or no stream is left on the connection (`maybe_sent` tells)
  replica_overloaded,  ///< a replica refused it, and others may have taken it
  is_bootstrapping,
  truncate,
  unprepared,  ///< the statement must be prepared anew: the driver tried, and it has changed
  too_large,   ///< a key, value, batch or request over a limit of the server or the protocol
  server,      ///< any other error of a server
  protocol,    ///< an answer that cannot be understood, or a request that was not
  // What the driver found.
  bad_argument,       ///< an option or the number of values is wrong
  attempt_timeout,    ///< no answer in time
  connect_timeout,    ///< no connection in time
  no_connection,      ///< no connection to any node that the request could go to
  connection_broken,  ///< the connection ended before the answer
  tls,                ///< certificates or the handshake; messages name files
  datacenter,         ///< the local datacenter is unknown or ambiguous; the message lists them
  schema_agreement,   ///< the schema was changed and the nodes did not agree on it in time
  session_ended,      ///< the session was destroyed first
  internal,           ///< out of memory or threads, or a defect
};

/// Whether a server said it.
constexpr bool is_of_server(DriverErrorCode code) noexcept {
  return code <= DriverErrorCode::protocol;
}

/// Why a request did not succeed.
struct DriverError {
  DriverErrorCode code = DriverErrorCode::internal;
  std::string message{};    ///< the server's or the driver's words; never a password
  bool maybe_sent = false;  ///< whether the request may have reached a server; false is certain

  // As far as the code has them.
  int received = 0;  ///< replicas that answered; for `unavailable`, those alive
  int required = 0;  ///< replicas that the consistency level asks for
};

template <typename T>
using Result = std::variant<T, DriverError>;

/// A node of the cluster, for as long as it is in it.
struct NodeId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend auto operator<=>(const NodeId&, const NodeId&) = default;
};

struct Node {
  NodeId id{};
  std::string address{};  ///< numeric
  std::uint16_t port = 0;
  std::string datacenter{};
  std::string rack{};
  bool connected = false;  ///< whether the session has a connection to it now
  bool sharded = false;    ///< ScyllaDB
};

/// One token of the ring and the node that owns the range which ends there.
struct RingToken {
  std::int64_t token = 0;
  NodeId owner{};
};

/// The token of a partition key with one column, by Murmur3.
std::int64_t token_of(std::span<const std::byte> key) noexcept;

/// What the driver knew about the cluster at one moment, for one table.
class Topology {
 public:
  virtual ~Topology() = default;

  /// Two topologies of a session and table with equal versions have the same nodes, places, ring
  /// and replication.
  [[nodiscard]] virtual std::uint64_t version() const noexcept = 0;
  [[nodiscard]] virtual std::vector<Node> nodes() const = 0;
  /// In ascending order.
  [[nodiscard]] virtual std::vector<RingToken> ring() const = 0;
  /// Replaces `out` by the replicas of `token`. Empty for a keyspace or a tablet that the driver
  /// does not know yet.
  virtual void replicas(std::int64_t token, std::vector<NodeId>& out) const = 0;
};

/// A bound value: text, blob, list of texts, int or bigint.
using Value = std::variant<std::string_view, std::span<const std::byte>,
                           std::span<const std::string_view>, std::int32_t, std::int64_t>;

struct RequestOptions {
  Consistency consistency = Consistency::local_quorum;
  std::optional<SerialConsistency> serial_consistency{};
  std::optional<std::int64_t> timestamp{};  ///< microseconds since the epoch; none: the server's
  std::chrono::milliseconds timeout{0};     ///< of this attempt; 0: the session's
  /// To be tried in this order: the first to which there is a connection gets the request, alone.
  std::span<const NodeId> replicas{};
  /// Whether, with no connection to any of `replicas`, other nodes may get it: the token's replicas
  /// and then any other in the local datacenter.
  bool others_may_serve = true;
  std::int32_t page_size = 0;       ///< rows; 0: unpaged, and then an answer in pages is an error
  std::string_view paging_state{};  ///< of the page before; empty: the first page
};

/// The rows of one answer, left in the frame in which they arrived. Cheap to copy; outlives its
/// session.
class Rows {
 public:
  /// Part of the frame; a negative length is a null.
  struct Cell {
    std::uint32_t offset;
    std::int32_t length;
  };

  struct Parts {
    std::shared_ptr<const void> owner{};  ///< of `frame`
    std::span<const std::byte> frame{};
    std::vector<Cell> cells{};  ///< row by row
    std::size_t columns = 0;
    std::string paging_state{};
    std::vector<std::string> warnings{};
  };

  /// None: the answer to a write.
  Rows() noexcept : parts_(std::shared_ptr<const void>{}, &nothing()) {}
  explicit Rows(Parts parts) : parts_(std::make_shared<const Parts>(std::move(parts))) {}

  [[nodiscard]] std::size_t size() const noexcept {
    return parts_->columns == 0 ? 0 : parts_->cells.size() / parts_->columns;
  }
  [[nodiscard]] std::size_t columns() const noexcept { return parts_->columns; }
  /// Of the frame, all told.
  [[nodiscard]] std::size_t bytes() const noexcept { return parts_->frame.size(); }

  /// The bytes of a value, none for a null; valid while a copy of these rows lives.
  [[nodiscard]] std::optional<std::span<const std::byte>> cell(std::size_t row,
                                                               std::size_t column) const noexcept {
    const Cell& cell = parts_->cells[row * parts_->columns + column];
    if (cell.length < 0) return std::nullopt;
    return parts_->frame.subspan(cell.offset, static_cast<std::size_t>(cell.length));
  }

  /// The same as text; empty for a null.
  [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const noexcept {
    const auto bytes = cell(row, column).value_or(std::span<const std::byte>{});
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  /// The same, sharing the frame; none for a null.
  [[nodiscard]] std::optional<Bytes> value(std::size_t row, std::size_t column) const {
    const auto bytes = cell(row, column);
    if (!bytes) return std::nullopt;
    return Bytes::share(parts_->owner, *bytes, parts_->frame.size());
  }

  /// What to ask the next page with; empty after the last one.
  [[nodiscard]] const std::string& paging_state() const noexcept { return parts_->paging_state; }
  /// What the server wants the client to know about the request.
  [[nodiscard]] const std::vector<std::string>& warnings() const noexcept {
    return parts_->warnings;
  }

 private:
  static const Parts& nothing() noexcept {
    static const Parts parts;
    return parts;
  }

  std::shared_ptr<const Parts> parts_;
};

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
class Session {
 public:
  virtual ~Session() = default;

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
  /// of the node which answered.
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

using SessionSink = core::Sink<Result<std::unique_ptr<Session>>>;

/// Ends connecting: the sink gets `session_ended` soon, unless it is called before. On any thread,
/// at any time; nothing in a forked child.
using AbortConnecting = std::function<void()>;

/// Connects. Files are read on the driver's thread.
AbortConnecting connect(const SessionConfig& config, SessionSink& sink);

}  // namespace bytestore::cassandra

template <>
struct std::hash<bytestore::cassandra::NodeId> {
  std::size_t operator()(const bytestore::cassandra::NodeId& id) const noexcept {
    return static_cast<std::size_t>(id.high * 0x9e3779b97f4a7c15U ^ id.low);
  }
};
