// The driver port over the Rust crate.

#include <bytestore-driver/src/bridge.rs.h>

#include <array>
#include <functional>
#include <utility>

#include "cassandra/driver/bridge_conversions.hpp"
#include "cassandra/driver/bridge_crossings.hpp"
#include "cassandra/driver/port.hpp"
#include "cassandra/driver/tsan_annotations.hpp"
#include "core/fork.hpp"
#include "core/gate.hpp"

namespace bytestore::cassandra {
namespace {

using PendingSession = Pending<bridge::Session, std::unique_ptr<DriverSession>>;
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
                       .reached_at = to_string(node.reached_at),
                       .datacenter = to_string(node.datacenter),
                       .connected = node.connected});
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

  [[nodiscard]] std::optional<Replication> replication() const override {
    return to_port(topology_->replication());
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

  [[nodiscard]] const bridge::Statement& crossed() const noexcept { return *statement_; }

 private:
  rust::Box<bridge::Statement> statement_;
};

const bridge::Statement& crossed(const Statement& statement) noexcept {
  return static_cast<const BridgeStatement&>(statement).crossed();
}

class BridgeSession final : public DriverSession {
 public:
  explicit BridgeSession(rust::Box<bridge::Session> session)
      : session_(std::move(session)),
        waker_(std::make_shared<const CallerWaker>(session_->waker())),
        local_datacenter_(session_->local_datacenter()) {}

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

  [[nodiscard]] std::shared_ptr<const Statement> unprepared(std::string_view cql,
                                                            std::size_t markers) override {
    check_process();
    return to_port(bridge::unprepared({cql.data(), cql.size()}, markers));
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

  void begin_blocking(core::BlockingCall& call) override {
    check_process();
    call.wake_by(waker_);
    CrossedCall crossed(call);
    {
      [[maybe_unused]] const TsanDriving driving{};
      session_->drive(crossed);
    }
    crossed.rethrow();
  }

  [[nodiscard]] std::unique_ptr<const Topology> topology(
      std::string_view keyspace, std::string_view table,
      std::string_view datacenter) const override {
    check_process();
    return std::make_unique<BridgeTopology>(
        session_->topology({keyspace.data(), keyspace.size()}, {table.data(), table.size()},
                           {datacenter.data(), datacenter.size()}));
  }

  void refresh_topology() override {
    check_process();
    session_->refresh_topology();
  }

  [[nodiscard]] std::uint64_t topology_version(std::string_view keyspace) const override {
    check_process();
    return session_->topology_version({keyspace.data(), keyspace.size()});
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
  std::shared_ptr<const core::Waker> waker_;
  std::string local_datacenter_;
};

}  // namespace

std::unique_ptr<DriverSession> to_port(rust::Box<bridge::Session> session) {
  return std::make_unique<BridgeSession>(std::move(session));
}

std::shared_ptr<const Statement> to_port(rust::Box<bridge::Statement> statement) {
  return std::make_shared<const BridgeStatement>(std::move(statement));
}

bridge::Credentials CrossedHost::credentials() const noexcept {
  const TsanAcquire taken_over(&order_);
  try {
    const Credentials told = ask_();
    return {.username = to_rust(told.username), .password = to_rust(told.password), .problem = {}};
  } catch (const std::exception& error) {
    return {.username = {}, .password = {}, .problem = rust::String::lossy(error.what())};
  } catch (...) {
    return {.username = {}, .password = {}, .problem = "what was thrown is no std::exception"};
  }
}

void CrossedHost::report(bridge::ReportKind kind, rust::Str message) const noexcept {
  const TsanAcquire taken_over(&order_);
  const DriverScope scope;
  if (report_) report_(to_port(kind), {message.data(), message.size()});
}

std::int64_t token_of(std::span<const std::byte> key) noexcept {
  return bridge::token(as_slice(key));
}

std::array<std::uint8_t, 16> random_token_of(std::span<const std::byte> key) noexcept {
  return bridge::random_token(as_slice(key));
}

AbortConnecting connect(const CassandraSessionOptions& options, SessionSink& sink,
                        DriverReport report) {
  // All that may fail comes before the sink is given away.
  const auto connecting = std::make_shared<std::optional<rust::Box<bridge::Connecting>>>();
  AbortConnecting abort = [connecting, home = core::ForkGuard()] {
    if (!home.in_child()) (**connecting)->abort();
  };
  auto host = std::make_unique<CrossedHost>(options.credentials, std::move(report));
  connecting->emplace(
      bridge::connect(to_rust(options), std::move(host), std::make_unique<PendingSession>(sink)));
  return abort;
}

}  // namespace bytestore::cassandra
