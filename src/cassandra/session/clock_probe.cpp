#include "cassandra/session/clock_probe.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cassandra/cql/big_endian.hpp"
#include "cassandra/driver/self_owned.hpp"
#include "cassandra/session/reachable_nodes.hpp"

namespace bytestore::cassandra {
namespace {

ClockReading::Time now() noexcept {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Result<ClockReading> reading_of(Result<Rows> result, ClockReading::Time before) {
  if (auto* error = std::get_if<DriverError>(&result)) return std::move(*error);
  const auto& rows = std::get<Rows>(result);
  const auto milliseconds =
      rows.size() == 1 ? read_integer<std::int64_t>(rows.cell(0, 0)) : std::nullopt;
  if (!milliseconds) {
    return DriverError{.code = DriverErrorCode::protocol, .message = "no time", .maybe_sent = true};
  }
  const ClockReading::Time server{std::chrono::milliseconds{*milliseconds}};
  const auto partitioner =
      rows.columns() > 1 ? partitioner_named(rows.text(0, 1)) : Partitioner::untold;
  return ClockReading{
      .before = before, .server = server, .after = now(), .partitioner = partitioner};
}

/// The answers of several nodes; the last one calls back.
class Readings {
 public:
  explicit Readings(std::function<void(ClockReadings)> done) : done_(std::move(done)) {}
  ~Readings() { done_(std::move(all_)); }
  Readings(const Readings&) = delete;
  Readings& operator=(const Readings&) = delete;

  void add(std::string node, const ClockReading& reading) {
    const std::lock_guard lock(mutex_);
    all_.clocks.push_back({.node = std::move(node), .ahead = reading.ahead()});
    if (reading.partitioner != Partitioner::untold) all_.partitioner = reading.partitioner;
  }

 private:
  std::function<void(ClockReadings)> done_;
  std::mutex mutex_;
  ClockReadings all_;
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
  ask_once<Rows>(
      [&](RowsSink& rows) {
        session.query("SELECT toTimestamp(now()), partitioner FROM system.local", options, rows);
      },
      [&sink, before = now()](Result<Rows> result) {
        sink.done(reading_of(std::move(result), before));
      });
}

void read_clocks(DriverSession& session, std::chrono::milliseconds timeout,
                 std::function<void(ClockReadings)> done) {
  const auto all = std::make_shared<Readings>(std::move(done));
  for (const Node& node : reachable_nodes(session)) {
    ask_once<ClockReading>([&](ClockSink& sink) { read_clock(session, node.id, timeout, sink); },
                           [all, name = address_of(node)](const Result<ClockReading>& result) {
                             const auto* reading = std::get_if<ClockReading>(&result);
                             if (reading != nullptr) all->add(name, *reading);
                           });
  }
}

}  // namespace bytestore::cassandra
