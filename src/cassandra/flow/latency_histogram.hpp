#pragma once

#include <chrono>
#include <memory>

#include "bytestore/cassandra_stats.hpp"

namespace bytestore::cassandra {

/// Counts how long something took, from 1 µs to 1,000 s, in steps of 2 %; what is shorter or longer
/// counts as that. Thread safe, without locks.
class LatencyHistogram {
 public:
  LatencyHistogram();
  ~LatencyHistogram();
  LatencyHistogram(const LatencyHistogram&) = delete;
  LatencyHistogram& operator=(const LatencyHistogram&) = delete;

  void add(std::chrono::nanoseconds latency) noexcept;

  /// What was counted by now. A percentile is the upper end of the step that it is in.
  [[nodiscard]] LatencyStats stats() const;

 private:
  struct Counts;
  std::unique_ptr<Counts> counts_;
};

}  // namespace bytestore::cassandra
