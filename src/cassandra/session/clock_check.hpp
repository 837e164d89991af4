#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bytestore/error.hpp"
#include "cassandra/driver/port.hpp"

namespace bytestore::cassandra {

/// By how much a node's clock is ahead of this machine's.
struct ClockDifference {
  std::string node;  ///< for messages: address and port
  std::chrono::milliseconds ahead;
};

/// What is to be said about clocks; an error refuses the session.
struct ClockVerdict {
  std::vector<std::string> warnings{};
  std::optional<Error> error{};
};

/// Over 1 s is worth a warning, over 60 s an error unless that is allowed.
ClockVerdict judge_clocks(const std::vector<ClockDifference>& clocks, bool allow_difference);

/// Asks all nodes of the local datacenter that are connected for their clocks. Those that do not
/// answer within `timeout` are left out. `session` must live until `done` is called, on a thread of
/// the driver.
void read_clocks(Session& session, std::chrono::milliseconds timeout,
                 std::function<void(std::vector<ClockDifference>)> done);

}  // namespace bytestore::cassandra
