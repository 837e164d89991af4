// The driver port over the Rust crate: the only file that knows the generated bridge.

#include <bytestore-driver/src/bridge.rs.h>

#include <algorithm>
#include <array>
#include <boost/container/small_vector.hpp>
#include <exception>
#include <limits>
#include <type_traits>

#include "cassandra/driver_port.hpp"
#include "cassandra/handover.hpp"
#include "core/fork.hpp"
#include "core/gate.hpp"
#include "core/runtime.hpp"

namespace bytestore::cassandra {
namespace {

std::span<const std::byte> as_span(rust::Slice<const std::uint8_t> slice) noexcept {
  return std::as_bytes(std::span{slice.data(), slice.size()});
}

rust::Slice<const std::uint8_t> as_slice(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

rust::Slice<const std::uint8_t> as_slice(std::string_view text) noexcept {
  return as_slice(as_bytes(text));
}

rust::String to_rust(const std::string& text) { return {text.data(), text.size()}; }

std::string to_string(const rust::String& text) { return {text.data(), text.size()}; }

/// Milliseconds as the bridge has them; what does not fit is as good as no limit.
std::uint32_t to_rust(std::chrono::milliseconds time) noexcept {
  using Limits = std::numeric_limits<std::uint32_t>;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(time.count(), 0, Limits::max()));
}

DriverErrorCode to_port(bridge::Code code) noexcept {
  using enum bridge::Code;
  switch (code) {
    case Syntax:
      return DriverErrorCode::syntax;
    case Invalid:
      return DriverErrorCode::invalid;
    case AlreadyExists:
      return DriverErrorCode::already_exists;
    case Unauthorized:
      return DriverErrorCode::unauthorized;
    case BadCredentials:
      return DriverErrorCode::bad_credentials;
    case Config:
      return DriverErrorCode::config;
    case Unavailable:
      return DriverErrorCode::unavailable;
    case ReadTimeout:
      return DriverErrorCode::read_timeout;
    case WriteTimeout:
      return DriverErrorCode::write_timeout;
    case ReadFailure:
      return DriverErrorCode::read_failure;
    case WriteFailure:
      return DriverErrorCode::write_failure;
    case Overloaded:
      return DriverErrorCode::overloaded;
    case IsBootstrapping:
      return DriverErrorCode::is_bootstrapping;
    case Truncate:
      return DriverErrorCode::truncate;
    case Unprepared:
      return DriverErrorCode::unprepared;
    case TooLarge:
      return DriverErrorCode::too_large;
    case Server:
      return DriverErrorCode::server;
    case Protocol:
      return DriverErrorCode::protocol;
    case BadArgument:
      return DriverErrorCode::bad_argument;
    case AttemptTimeout:
      return DriverErrorCode::attempt_timeout;
    case ConnectTimeout:
      return DriverErrorCode::connect_timeout;
    case NoConnection:
      return DriverErrorCode::no_connection;
    case ConnectionBroken:
      return DriverErrorCode::connection_broken;
    case Tls:
      return DriverErrorCode::tls;
    case Datacenter:
      return DriverErrorCode::datacenter;
    case SchemaAgreement:
      return DriverErrorCode::schema_agreement;
    case Internal:
      return DriverErrorCode::internal;
  }
  return DriverErrorCode::internal;
}

WriteType to_port(bridge::WriteType type) noexcept {
  using enum bridge::WriteType;
  switch (type) {
    case None:
      return WriteType::none;
    case Simple:
      return WriteType::simple;
    case Batch:
      return WriteType::batch;
    case UnloggedBatch:
      return WriteType::unlogged_batch;
    case BatchLog:
      return WriteType::batch_log;
    case Counter:
      return WriteType::counter;
    case Cas:
      return WriteType::cas;
    case View:
      return WriteType::view;
    case Cdc:
      return WriteType::cdc;
    case Other:
      return WriteType::other;
  }
  return WriteType::other;
}

DriverError to_port(const bridge::Failure& failure) {
  return {.code = to_port(failure.code),
          .message = to_string(failure.message),
          .maybe_sent = failure.maybe_sent,
          .write_type = to_port(failure.write_type),
          .received = failure.received,
          .required = failure.required,
          .failures = failure.failures,
          .data_present = failure.data_present};
}

NodeId to_port(const bridge::NodeId& id) noexcept { return {.high = id.high, .low = id.low}; }

/// Bound values in the form of the bridge, still where the caller has them.
class BoundValues {
 public:
  explicit BoundValues(std::span<const Value> values) {
    std::size_t texts = 0;
    for (const Value& value : values) {
      if (const auto* list = std::get_if<std::span<const std::string_view>>(&value)) {
        texts += list->size();
      }
    }
    texts_.reserve(texts);  // so that slices of it stay valid
    values_.reserve(values.size());
    for (const Value& value : values) {
      values_.push_back(std::visit([this](const auto& typed) { return bind(typed); }, value));
    }
  }

  [[nodiscard]] rust::Slice<const bridge::Value> slice() const noexcept {
    return {values_.data(), values_.size()};
  }

 private:
  template <typename BytesOrText>
    requires(!std::is_integral_v<BytesOrText>)
  bridge::Value bind(const BytesOrText& bytes) {
    return {.kind = bridge::ValueKind::Bytes, .bytes = as_slice(bytes), .texts = {}, .number = 0};
  }

  bridge::Value bind(std::span<const std::string_view> list) {
    const std::size_t first = texts_.size();
    for (const std::string_view text : list) texts_.push_back({as_slice(text)});
    return {.kind = bridge::ValueKind::Texts,
            .bytes = {},
            .texts = {texts_.data() + first, list.size()},
            .number = 0};
  }

  bridge::Value bind(std::int32_t number) {
    return {.kind = bridge::ValueKind::Int, .bytes = {}, .texts = {}, .number = number};
  }

  bridge::Value bind(std::int64_t number) {
    return {.kind = bridge::ValueKind::BigInt, .bytes = {}, .texts = {}, .number = number};
  }

  boost::container::small_vector<bridge::Value, 4> values_;
  std::vector<bridge::Text> texts_;
};

/// Request options in the form of the bridge, still where the caller has them.
class BoundOptions {
 public:
  explicit BoundOptions(const RequestOptions& options) {
    replicas_.reserve(options.replicas.size());
    for (const NodeId& id : options.replicas) replicas_.push_back({.high = id.high, .low = id.low});
    const auto serial = options.serial_consistency;
    options_ = {
        .consistency = static_cast<std::uint16_t>(options.consistency),
        .serial_consistency = serial ? static_cast<std::uint16_t>(*serial) : std::uint16_t{0},
        .has_timestamp = options.timestamp.has_value(),
        .timestamp = options.timestamp.value_or(0),
        .timeout = to_rust(options.timeout),
        .replicas = {replicas_.data(), replicas_.size()},
        .replicas_only = !options.others_may_serve,
        .page_size = options.page_size,
        .paging_state = as_slice(options.paging_state),
    };
  }

  [[nodiscard]] const bridge::RequestOptions& get() const noexcept { return options_; }

 private:
  boost::container::small_vector<bridge::NodeId, 4> replicas_;
  bridge::RequestOptions options_;
};

std::shared_ptr<const Statement> to_port(rust::Box<bridge::Statement> statement);
std::unique_ptr<Session> to_port(rust::Box<bridge::Session> session);
Rows to_port(rust::Box<bridge::Rows> rows);

/// Marks the current thread as one of a driver.
class DriverScope {
 public:
  DriverScope() noexcept : outer_(std::exchange(on_driver, true)) {}
  ~DriverScope() { on_driver = outer_; }
  DriverScope(const DriverScope&) = delete;
  DriverScope& operator=(const DriverScope&) = delete;

  [[nodiscard]] static bool is_open() noexcept { return on_driver; }

 private:
  static thread_local bool on_driver;

  bool outer_;
  core::CompletionScope completion_;
};

thread_local bool DriverScope::on_driver = false;

/// Carries one outcome to its sink. Exactly once: its destruction is an outcome too.
template <typename Crossed, typename Delivered>
class Pending final : public bridge::Completion<Crossed> {
 public:
  explicit Pending(core::Sink<Result<Delivered>>& sink) noexcept : sink_(&sink) {
    handed_over(this);
  }
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

  ~Pending() override {
    deliver([] {
      return DriverError{.code = DriverErrorCode::session_ended,
                         .message = "the session ended before the request did",
                         .maybe_sent = true};
    });
  }

  void succeed(rust::Box<Crossed> value) noexcept override {
    deliver([&value] { return to_port(std::move(value)); });
  }

  void fail(bridge::Failure failure) noexcept override {
    deliver([&failure] { return to_port(failure); });
  }

 private:
  template <typename Outcome>
  void deliver(Outcome outcome) noexcept {
    const TakenOver taken_over(this);
    auto* const sink = std::exchange(sink_, nullptr);
    if (sink == nullptr) return;
    const DriverScope scope;
    sink->done(guarded(outcome));
  }

  template <typename Outcome>
  static Result<Delivered> guarded(Outcome& outcome) noexcept {
    try {
      return Result<Delivered>(outcome());
    } catch (const std::exception&) {  // out of memory; an empty message needs none
      return DriverError{.maybe_sent = true};
    }
  }

  core::Sink<Result<Delivered>>* sink_;
};

class PostedTask final : public bridge::Task {
 public:
  explicit PostedTask(std::function<void()> task) noexcept : task_(std::move(task)) {
    handed_over(this);
  }

  void run() noexcept override {
    const TakenOver taken_over(this);
    const DriverScope scope;
    std::exchange(task_, nullptr)();
  }

 private:
  std::function<void()> task_;
};

using PendingSession = Pending<bridge::Session, std::unique_ptr<Session>>;
using PendingStatement = Pending<bridge::Statement, std::shared_ptr<const Statement>>;
using PendingRows = Pending<bridge::Rows, Rows>;

class BridgeTopology final : public Topology {
 public:
  explicit BridgeTopology(rust::Box<bridge::Topology> topology) noexcept
      : topology_(std::move(topology)) {}

  [[nodiscard]] std::uint64_t version() const noexcept override { return topology_->version(); }

  [[nodiscard]] std::vector<Node> nodes() const override {
    std::vector<Node> nodes;
    for (const bridge::NodeInfo& node : topology_->nodes()) {
      nodes.push_back({.id = to_port(node.id),
                       .address = to_string(node.address),
                       .port = node.port,
                       .datacenter = to_string(node.datacenter),
                       .rack = to_string(node.rack),
                       .connected = node.connected,
                       .sharded = node.sharded});
    }
    return nodes;
  }

  [[nodiscard]] std::vector<RingToken> ring() const override {
    std::vector<RingToken> ring;
    for (const bridge::RingEntry& entry : topology_->ring()) {
      ring.push_back({.token = entry.token, .owner = to_port(entry.owner)});
    }
    return ring;
  }

  void replicas(std::int64_t token, std::vector<NodeId>& out) const override {
    std::array<bridge::NodeId, 8> few;
    std::size_t count = topology_->replicas(token, {few.data(), few.size()});
    if (count <= few.size()) return assign(out, {few.data(), count});
    std::vector<bridge::NodeId> many(count);
    count = topology_->replicas(token, {many.data(), many.size()});
    assign(out, {many.data(), count});
  }

 private:
  static void assign(std::vector<NodeId>& out, std::span<const bridge::NodeId> ids) {
    out.clear();
    for (const bridge::NodeId& id : ids) out.push_back(to_port(id));
  }

  rust::Box<bridge::Topology> topology_;
};

class BridgeStatement final : public Statement {
 public:
  explicit BridgeStatement(rust::Box<bridge::Statement> statement) noexcept
      : statement_(std::move(statement)) {}

  [[nodiscard]] std::size_t bind_count() const noexcept override {
    return statement_->bind_count();
  }

  [[nodiscard]] const bridge::Statement& crossed() const noexcept { return *statement_; }

 private:
  rust::Box<bridge::Statement> statement_;
};

const bridge::Statement& crossed(const Statement& statement) noexcept {
  return static_cast<const BridgeStatement&>(statement).crossed();
}

class BridgeSession final : public Session {
 public:
  explicit BridgeSession(rust::Box<bridge::Session> session)
      : session_(std::move(session)), local_datacenter_(session_->local_datacenter()) {}

  ~BridgeSession() override {
    // The threads that ending it would wait for are not in this process.
    if (home_.in_child()) static_cast<void>(session_.into_raw());
  }

  BridgeSession(const BridgeSession&) = delete;
  BridgeSession& operator=(const BridgeSession&) = delete;

  // In each of these the sink's carrier is made last: from then on nothing throws.

  void prepare(std::string_view cql, StatementSink& sink) override {
    check_process();
    const rust::Str text(cql.data(), cql.size());
    session_->prepare(text, std::make_unique<PendingStatement>(sink));
  }

  void execute(const Statement& statement, std::span<const Value> values,
               const RequestOptions& options, RowsSink& sink) override {
    check_process();
    const BoundValues bound(values);
    const BoundOptions how(options);
    session_->execute(crossed(statement), bound.slice(), how.get(),
                      std::make_unique<PendingRows>(sink));
  }

  void execute_batch(const Statement& statement, std::span<const Value> values,
                     const RequestOptions& options, RowsSink& sink) override {
    check_process();
    const BoundValues bound(values);
    const BoundOptions how(options);
    session_->execute_batch(crossed(statement), bound.slice(), how.get(),
                            std::make_unique<PendingRows>(sink));
  }

  void query(std::string_view cql, const RequestOptions& options, RowsSink& sink) override {
    check_process();
    const rust::Str text(cql.data(), cql.size());
    const BoundOptions how(options);
    session_->query(text, how.get(), std::make_unique<PendingRows>(sink));
  }

  void run_on_driver(std::function<void()> task) override {
    check_process();
    if (DriverScope::is_open()) return task();
    session_->post(std::make_unique<PostedTask>(std::move(task)));
  }

  [[nodiscard]] std::unique_ptr<const Topology> topology(
      std::string_view keyspace, std::string_view table,
      std::string_view datacenter) const override {
    check_process();
    return std::make_unique<BridgeTopology>(
        session_->topology({keyspace.data(), keyspace.size()}, {table.data(), table.size()},
                           {datacenter.data(), datacenter.size()}));
  }

  [[nodiscard]] const std::string& local_datacenter() const noexcept override {
    return local_datacenter_;
  }

 private:
  void check_process() const {
    if (home_.in_child()) throw core::used_after_fork();
  }

  core::ForkGuard home_;
  rust::Box<bridge::Session> session_;
  std::string local_datacenter_;
};

std::unique_ptr<Session> to_port(rust::Box<bridge::Session> session) {
  return std::make_unique<BridgeSession>(std::move(session));
}

std::shared_ptr<const Statement> to_port(rust::Box<bridge::Statement> statement) {
  return std::make_shared<const BridgeStatement>(std::move(statement));
}

Rows to_port(rust::Box<bridge::Rows> rows) {
  if (rows->columns() == 0 && rows->warnings().empty()) return Rows{};
  Rows::Parts parts;
  parts.columns = rows->columns();
  const auto cells = rows->cells();
  parts.cells.reserve(cells.size());
  for (const bridge::Cell& cell : cells) parts.cells.push_back({cell.offset, cell.length});
  const auto state = rows->paging_state();
  parts.paging_state.assign(state.begin(), state.end());
  for (const rust::String& warning : rows->warnings()) {
    parts.warnings.push_back(to_string(warning));
  }
  parts.frame = as_span(rows->frame());  // on the heap: it stays where it is
  parts.owner = std::make_shared<const rust::Box<bridge::Rows>>(std::move(rows));
  return Rows(std::move(parts));
}

bridge::Tls to_rust(const std::optional<TlsConfig>& tls) {
  if (!tls) return {};
  using enum bridge::TlsVerify;
  const bool by_name = tls->verify == TlsVerify::name;
  return {.enabled = true,
          .ca_file = to_rust(tls->ca_file),
          .certificate_file = to_rust(tls->certificate_file),
          .key_file = to_rust(tls->key_file),
          .verify = by_name ? Name : (tls->verify == TlsVerify::chain ? Chain : Ip),
          .name = to_rust(tls->name)};
}

bridge::Compression to_rust(Compression compression) noexcept {
  switch (compression) {
    case Compression::lz4:
      return bridge::Compression::Lz4;
    case Compression::snappy:
      return bridge::Compression::Snappy;
    case Compression::none:
      break;
  }
  return bridge::Compression::None;
}

}  // namespace

std::int64_t token_of(std::span<const std::byte> key) noexcept {
  return bridge::token(as_slice(key));
}

void connect(const SessionConfig& config, SessionSink& sink) {
  bridge::Config crossed{.contact_points = {},
                         .default_port = config.default_port,
                         .local_datacenter = to_rust(config.local_datacenter),
                         .username = to_rust(config.username),
                         .password = to_rust(config.password),
                         .tls = to_rust(config.tls),
                         .connect_timeout = to_rust(config.connect_timeout),
                         .attempt_timeout = to_rust(config.attempt_timeout),
                         .compression = to_rust(config.compression),
                         .worker_threads = config.worker_threads,
                         .application_name = to_rust(config.application_name)};
  for (const std::string& point : config.contact_points) {
    crossed.contact_points.push_back(to_rust(point));
  }
  bridge::connect(std::move(crossed), std::make_unique<PendingSession>(sink));
}

}  // namespace bytestore::cassandra
