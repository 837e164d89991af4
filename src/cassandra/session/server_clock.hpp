#pragma once

#include <chrono>

#include "cassandra/driver/port.hpp"

namespace bytestore::cassandra {

/// What a node's clock said, to the millisecond, and this machine's before and after it was asked.
struct ClockReading {
  using Time = std::chrono::sys_time<std::chrono::milliseconds>;

  Time before;
  Time server;
  Time after;

  /// How far the node's clock is ahead of this machine's, at the least: 0 if `server` lies between.
  [[nodiscard]] std::chrono::milliseconds ahead() const noexcept;
};

using ClockSink = core::Sink<Result<ClockReading>>;

/// Asks one node, and no other, for its clock. `timeout` 0: the session's.
void read_clock(Session& session, NodeId node, std::chrono::milliseconds timeout, ClockSink& sink);

}  // namespace bytestore::cassandra
