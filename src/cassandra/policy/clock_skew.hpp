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

/// What is to be said about clocks. The refusal is for stores whose writes have timestamps of this
/// machine.
struct ClockVerdict {
  std::vector<std::string> warnings{};
  std::optional<Error> refusal{};
};

/// Over 1 s is worth a warning, over 60 s also a refusal unless that is allowed.
ClockVerdict classify_clocks(const std::vector<ClockDifference>& clocks, bool allow_difference);

}  // namespace bytestore::cassandra
