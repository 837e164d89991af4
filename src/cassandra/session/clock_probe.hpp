#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "cassandra/driver/port.hpp"
#include "cassandra/policy/clock_skew.hpp"
#include "cassandra/ring/ring.hpp"

namespace bytestore::cassandra {

/// What a node's clock said, to the millisecond, and this machine's before and after it was asked.
struct ClockReading {
  using Time = std::chrono::sys_time<std::chrono::milliseconds>;

  Time before;
  Time server;
  Time after;
  Partitioner partitioner = Partitioner::untold;  ///< which the same answer tells

  /// How far the node's clock is ahead of this machine's, at the least: 0 if `server` lies between.
  [[nodiscard]] std::chrono::milliseconds ahead() const noexcept;
};

using ClockSink = core::Sink<Result<ClockReading>>;

/// What the nodes of a datacenter said.
struct ClockReadings {
  std::vector<ClockDifference> clocks{};
  Partitioner partitioner = Partitioner::untold;
};

/// Asks one node, and no other, for its clock, and for the partitioner, which then costs no request
/// of its own. `timeout` 0: the session's.
void read_clock(DriverSession& session, NodeId node, std::chrono::milliseconds timeout,
                ClockSink& sink);

/// Asks all nodes of the local datacenter that are connected for their clocks. Those that do not
/// answer within `timeout` are left out. `session` must live until `done` is called, on a thread of
/// the driver.
void read_clocks(DriverSession& session, std::chrono::milliseconds timeout,
                 std::function<void(ClockReadings)> done);

}  // namespace bytestore::cassandra
