#include "cassandra/session/clock_probe.hpp"

#include <fmt/format.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cassandra/cql/big_endian.hpp"

namespace bytestore::cassandra {
namespace {

ClockReading::Time now() noexcept {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

class ClockRequest final : public RowsSink {
 public:
  explicit ClockRequest(ClockSink& sink) noexcept : sink_(sink) {}

  /// Lives until its request is done.
  static void start(std::unique_ptr<ClockRequest> self, DriverSession& session,
                    const RequestOptions& options) {
    session.query("SELECT toTimestamp(now()) FROM system.local", options, *self);
    static_cast<void>(self.release());  // `done` has it now
  }

  void done(Result<Rows> result) noexcept override {
    const std::unique_ptr<ClockRequest> self(this);
    sink_.done(read(std::move(result)));
  }

 private:
  [[nodiscard]] Result<ClockReading> read(Result<Rows> result) const noexcept {
    if (auto* error = std::get_if<DriverError>(&result)) return std::move(*error);
    const auto* rows = std::get_if<Rows>(&result);
    const auto milliseconds = rows != nullptr && rows->size() == 1
                                  ? read_integer<std::int64_t>(rows->cell(0, 0))
                                  : std::nullopt;
    if (!milliseconds) {
      return DriverError{
          .code = DriverErrorCode::protocol, .message = "no time", .maybe_sent = true};
    }
    const ClockReading::Time server{std::chrono::milliseconds{*milliseconds}};
    return ClockReading{.before = before_, .server = server, .after = now()};
  }

  ClockSink& sink_;
  ClockReading::Time before_ = now();
};

/// The answers of several nodes; the last one calls back.
class Readings {
 public:
  explicit Readings(std::function<void(std::vector<ClockDifference>)> done)
      : done_(std::move(done)) {}
  ~Readings() { done_(std::move(clocks_)); }
  Readings(const Readings&) = delete;
  Readings& operator=(const Readings&) = delete;

  void add(ClockDifference clock) {
    const std::lock_guard lock(mutex_);
    clocks_.push_back(std::move(clock));
  }

 private:
  std::function<void(std::vector<ClockDifference>)> done_;
  std::mutex mutex_;
  std::vector<ClockDifference> clocks_;
};

/// Lives until it is answered.
class OneReading final : public ClockSink {
 public:
  OneReading(std::shared_ptr<Readings> all, std::string node)
      : all_(std::move(all)), node_(std::move(node)) {}

  void done(Result<ClockReading> result) noexcept override {
    const std::unique_ptr<OneReading> self(this);
    const auto* reading = std::get_if<ClockReading>(&result);
    if (reading != nullptr) all_->add({.node = std::move(node_), .ahead = reading->ahead()});
  }

 private:
  std::shared_ptr<Readings> all_;
  std::string node_;
};

}  // namespace

std::chrono::milliseconds ClockReading::ahead() const noexcept {
  if (server > after) return server - after;
  if (server < before) return server - before;
  return std::chrono::milliseconds{0};
}

void read_clock(DriverSession& session, NodeId node, std::chrono::milliseconds timeout,
                ClockSink& sink) {
  RequestOptions options;
  options.consistency = Consistency::one;
  options.timeout = timeout;
  options.replicas = {&node, 1};
  options.others_may_serve = false;
  ClockRequest::start(std::make_unique<ClockRequest>(sink), session, options);
}

void read_clocks(DriverSession& session, std::chrono::milliseconds timeout,
                 std::function<void(std::vector<ClockDifference>)> done) {
  const auto all = std::make_shared<Readings>(std::move(done));
  for (const Node& node : session.topology("", "", "")->nodes()) {
    if (!node.connected || node.datacenter != session.local_datacenter()) continue;
    auto reading = std::make_unique<OneReading>(all, fmt::format("{}:{}", node.address, node.port));
    read_clock(session, node.id, timeout, *reading);
    static_cast<void>(reading.release());  // `done` has it now
  }
}

}  // namespace bytestore::cassandra
