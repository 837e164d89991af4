#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "bytestore/error.hpp"

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
ClockVerdict classify_clocks(const std::vector<ClockDifference>& clocks, bool allow_difference);

}  // namespace bytestore::cassandra
