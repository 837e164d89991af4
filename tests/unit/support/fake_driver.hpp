#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cassandra/driver/port.hpp"

namespace bytestore::cassandra {

/// Rows as a server would send them: one frame that all values share, without an owner outside it.
inline Rows make_rows(const std::vector<std::vector<std::optional<std::string>>>& values,
                      std::string paging_state = "", std::vector<std::string> warnings = {}) {
  Rows::Parts parts;
  const auto frame = std::make_shared<std::string>();
  for (const auto& row : values) {
    parts.columns = row.size();
    for (const auto& value : row) {
      const auto offset = static_cast<std::uint32_t>(frame->size());
      parts.cells.push_back({offset, value ? static_cast<std::int32_t>(value->size()) : -1});
      frame->append(value.value_or(""));
    }
  }
  parts.frame = as_bytes(*frame);
  parts.owner = frame;
  parts.paging_state = std::move(paging_state);
  parts.warnings = std::move(warnings);
  return Rows(std::move(parts));
}

/// An int, bigint or timestamp as the protocol writes it.
template <typename Integer>
std::string wire(Integer number) {
  std::string bytes(sizeof number, '\0');
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    *byte = static_cast<char>(number & 0xff);
    number = static_cast<Integer>(number >> 8);
  }
  return bytes;
}

class FakeStatement final : public Statement {
 public:
  explicit FakeStatement(std::string_view text) : cql(text) {}

  const std::string cql;
};

/// A request that is at the fake, with everything copied out of its arguments.
struct FakeRequest {
  enum class Kind { prepare, execute, batch, query };
  using BoundValue = std::variant<std::string, std::vector<std::string>, std::int64_t>;

  Kind kind;
  std::string cql;
  std::vector<BoundValue> values;  ///< texts and blobs are strings, all numbers are bigints
  RequestOptions options;          ///< its views are not valid: see the next two
  std::vector<NodeId> replicas;
  std::string paging_state;

  StatementSink* statement_sink = nullptr;
  RowsSink* rows_sink = nullptr;

  void answer(Rows rows = {}) const { rows_sink->done(std::move(rows)); }
  void answer_prepared() const {
    statement_sink->done(std::shared_ptr<const Statement>(std::make_shared<FakeStatement>(cql)));
  }
  void fail(DriverError error) const {
    if (rows_sink != nullptr) return rows_sink->done(std::move(error));
    statement_sink->done(std::move(error));
  }
};

/// A topology that a test writes down.
struct FakeTopology final : Topology {
  std::uint64_t number = 1;
  std::vector<Node> known;
  std::vector<RingToken> tokens;
  std::map<std::int64_t, std::vector<NodeId>> owners;  ///< by token; the others have `fallback`
  std::vector<NodeId> fallback;
  std::optional<Replication> keyspace = Replication{
      .strategy = Replication::Strategy::by_datacenter, .replicas = {{"datacenter1", 1}}};

  [[nodiscard]] std::uint64_t version() const noexcept override { return number; }
  [[nodiscard]] std::vector<Node> nodes() const override { return known; }
  [[nodiscard]] std::vector<RingToken> ring() const override { return tokens; }
  void replicas(std::int64_t token, std::vector<NodeId>& out) const override {
    const auto found = owners.find(token);
    out = found == owners.end() ? fallback : found->second;
  }
  [[nodiscard]] std::optional<Replication> replication() const override { return keyspace; }
};

/// A session whose answers a test gives: requests wait until it takes them, in their order, and
/// decides. With `prepares_by_itself` (the default) prepared statements need no decision.
///
/// Thread safe. A request that was taken must be answered; those never taken are ended by the
/// destructor, as a session does.
class FakeSession final : public DriverSession {
 public:
  ~FakeSession() override {
    for (const FakeRequest& request : std::exchange(waiting_, {})) {
      request.fail({.code = DriverErrorCode::session_ended, .maybe_sent = true});
    }
  }

  /// The oldest request that waits. \throws std::logic_error if there is none.
  FakeRequest take() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) throw std::logic_error("no request is at the driver");
    FakeRequest request = std::move(waiting_.front());
    waiting_.pop_front();
    return request;
  }

  [[nodiscard]] std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

  void prepare(std::string_view cql, StatementSink& sink) override {
    FakeRequest request = make(FakeRequest::Kind::prepare, cql, {}, {});
    request.statement_sink = &sink;
    if (prepares_by_itself) return request.answer_prepared();
    add(std::move(request));
  }

  [[nodiscard]] std::shared_ptr<const Statement> unprepared(std::string_view cql,
                                                            std::size_t /*markers*/) override {
    return std::make_shared<FakeStatement>("unprepared " + std::string(cql));
  }

  void ping(const NodeId& node, std::chrono::milliseconds timeout, RowsSink& sink) override {
    if (answers_pings) return sink.done(make_rows({{"local"}}));
    DriverSession::ping(node, timeout, sink);
  }

  void execute(const Statement& statement, std::span<const Value> values,
               const RequestOptions& options, RowsSink& sink) override {
    send(FakeRequest::Kind::execute, text_of(statement), values, options, sink);
  }

  void execute_batch(const Statement& statement, std::span<const Value> values,
                     const RequestOptions& options, RowsSink& sink) override {
    send(FakeRequest::Kind::batch, text_of(statement), values, options, sink);
  }

  void query(std::string_view cql, const RequestOptions& options, RowsSink& sink) override {
    if (is_plain_by_itself && cql.find("system_schema.column_masks") != std::string_view::npos) {
      return sink.done(DriverError{.code = DriverErrorCode::unknown_table});
    }
    if (is_plain_by_itself && cql.find("system_views.settings") != std::string_view::npos) {
      return sink.done(DriverError{.code = DriverErrorCode::unknown_table});
    }
    if (is_plain_by_itself && cql.find("system_schema.views") != std::string_view::npos) {
      return sink.done(Rows{});
    }
    if (is_plain_by_itself && cql == "SELECT partitioner FROM system.local") {
      return sink.done(make_rows({{"org.apache.cassandra.dht.Murmur3Partitioner"}}));
    }
    if (is_plain_by_itself && cql.ends_with("FROM system.peers")) return sink.done(Rows());
    send(FakeRequest::Kind::query, cql, {}, options, sink);
  }

  void run_on_driver(std::function<void()> task) override { task(); }

  [[nodiscard]] std::unique_ptr<const Topology> topology(std::string_view, std::string_view,
                                                         std::string_view) const override {
    ++topologies;
    return std::make_unique<FakeTopology>(ring);
  }

  void refresh_topology() override { ++refreshes; }

  [[nodiscard]] std::uint64_t topology_version(std::string_view /*keyspace*/) const override {
    return ring.number;
  }

  [[nodiscard]] const std::string& local_datacenter() const noexcept override { return datacenter; }

  // Set before the first request.
  bool prepares_by_itself = true;
  /// Answers by itself that it knows no masks, no transactions, no settings and no views, and
  /// has the Murmur3Partitioner.
  bool is_plain_by_itself = true;
  bool answers_pings = true;
  FakeTopology ring;
  std::atomic<std::size_t> refreshes = 0;
  mutable std::atomic<std::size_t> topologies = 0;  // that were asked for
  /// Gets each request instead of the queue, on the thread that makes it, and may answer at once.
  std::function<void(FakeRequest)> by_itself;
  std::string datacenter = "datacenter1";

 private:
  static const std::string& text_of(const Statement& statement) {
    return dynamic_cast<const FakeStatement&>(statement).cql;
  }

  static FakeRequest::BoundValue copy(const Value& value) {
    struct Copy {
      FakeRequest::BoundValue operator()(std::string_view text) { return std::string(text); }
      FakeRequest::BoundValue operator()(std::span<const std::byte> blob) {
        return std::string(reinterpret_cast<const char*>(blob.data()), blob.size());
      }
      FakeRequest::BoundValue operator()(std::span<const std::string_view> texts) {
        return std::vector<std::string>(texts.begin(), texts.end());
      }
      FakeRequest::BoundValue operator()(std::int64_t number) { return number; }
      FakeRequest::BoundValue operator()(std::int32_t number) { return std::int64_t{number}; }
    };
    return std::visit(Copy{}, value);
  }

  static FakeRequest make(FakeRequest::Kind kind, std::string_view cql,
                          std::span<const Value> values, const RequestOptions& options) {
    FakeRequest request{.kind = kind,
                        .cql = std::string(cql),
                        .values = {},
                        .options = options,
                        .replicas = {options.replicas.begin(), options.replicas.end()},
                        .paging_state = std::string(options.paging_state)};
    request.options.replicas = {};
    request.options.paging_state = {};
    for (const Value& value : values) request.values.push_back(copy(value));
    return request;
  }

  void send(FakeRequest::Kind kind, std::string_view cql, std::span<const Value> values,
            const RequestOptions& options, RowsSink& sink) {
    FakeRequest request = make(kind, cql, values, options);
    request.rows_sink = &sink;
    add(std::move(request));
  }

  void add(FakeRequest request) {
    if (by_itself) return by_itself(std::move(request));
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(request));
  }

  mutable std::mutex mutex_;
  std::deque<FakeRequest> waiting_;
};

}  // namespace bytestore::cassandra
