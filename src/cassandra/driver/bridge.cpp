// The driver port over the Rust crate.

#include <bytestore-driver/src/bridge.rs.h>

#include <array>
#include <exception>
#include <functional>
#include <utility>

#include "cassandra/driver/bridge_conversions.hpp"
#include "cassandra/driver/port.hpp"
#include "cassandra/driver/tsan_annotations.hpp"
#include "core/fork.hpp"
#include "core/gate.hpp"
#include "core/runtime.hpp"

namespace bytestore::cassandra {
namespace {

using cassandra::to_port;  // beside these
std::shared_ptr<const Statement> to_port(rust::Box<bridge::Statement> statement);
std::unique_ptr<DriverSession> to_port(rust::Box<bridge::Session> session);

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
    tsan_release(this);
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
    const TsanAcquire taken_over(this);
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
    tsan_release(this);
  }

  void run() noexcept override {
    const TsanAcquire taken_over(this);
    const DriverScope scope;
    std::exchange(task_, nullptr)();
  }

 private:
  std::function<void()> task_;
};

/// Wakes a caller that does the work of the driver. In a forked
/// child nobody waits for it.
class CallerWaker final : public core::Waker {
 public:
  explicit CallerWaker(rust::Box<bridge::Waker> waker) noexcept : waker_(std::move(waker)) {}
  void wake() const noexcept override { waker_->wake(); }

 private:
  rust::Box<bridge::Waker> waker_;
};

/// Keeps what `begin` throws from Rust.
class CrossedCall final : public bridge::BlockingCall {
 public:
  explicit CrossedCall(core::BlockingCall& call) noexcept : call_(call) { tsan_release(this); }

  void begin() noexcept override {
    const TsanAcquire watched(this);
    const DriverScope scope;
    try {
      call_.begin();
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  [[nodiscard]] bool is_done() noexcept override { return error_ || call_.is_done(); }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  core::BlockingCall& call_;
  std::exception_ptr error_;
};

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
      const TsanDriving driving;
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

std::unique_ptr<DriverSession> to_port(rust::Box<bridge::Session> session) {
  return std::make_unique<BridgeSession>(std::move(session));
}

std::shared_ptr<const Statement> to_port(rust::Box<bridge::Statement> statement) {
  return std::make_shared<const BridgeStatement>(std::move(statement));
}

}  // namespace

std::int64_t token_of(std::span<const std::byte> key) noexcept {
  return bridge::token(as_slice(key));
}

AbortConnecting connect(const CassandraSessionOptions& options, SessionSink& sink) {
  // All that may fail comes before the sink is given away.
  const auto connecting = std::make_shared<std::optional<rust::Box<bridge::Connecting>>>();
  AbortConnecting abort = [connecting, home = core::ForkGuard()] {
    if (!home.in_child()) (**connecting)->abort();
  };
  connecting->emplace(bridge::connect(to_rust(options), std::make_unique<PendingSession>(sink)));
  return abort;
}

}  // namespace bytestore::cassandra
