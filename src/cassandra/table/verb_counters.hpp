#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "bytestore/cassandra_stats.hpp"
#include "cassandra/flow/latency_histogram.hpp"
#include "cassandra/policy/attempt_kind.hpp"

namespace bytestore::cassandra {

/// Counts what one verb of a store does. Thread safe, without locks.
class VerbCounters {
 public:
  /// An attempt was sent.
  void sent(AttemptKind attempt, std::size_t bytes) noexcept {
    add(requests_, 1);
    if (attempt == AttemptKind::retry) add(retries_, 1);
    if (attempt == AttemptKind::speculative) add(speculative_, 1);
    add(bytes_sent_, bytes);
  }

  /// An attempt to prepare a statement failed, and another one follows.
  void prepared_again() noexcept { add(retries_, 1); }

  /// An attempt succeeded.
  void answered(std::chrono::nanoseconds latency) noexcept { request_latency_.add(latency); }

  /// Keys and values arrived.
  void received(std::size_t bytes) noexcept { add(bytes_received_, bytes); }

  void failed(ErrorCode code) noexcept { add(failures_.at(static_cast<std::size_t>(code)), 1); }

  /// A call for so many keys ended.
  void ended(std::size_t keys, std::chrono::nanoseconds latency) noexcept {
    add(calls_, 1);
    add(keys_, keys);
    call_latency_.add(latency);
  }

  [[nodiscard]] VerbStats stats() const;

 private:
  using Counter = std::atomic<std::uint64_t>;

  static void add(Counter& counter, std::uint64_t count) noexcept {
    counter.fetch_add(count, std::memory_order_relaxed);
  }

  static constexpr std::size_t kCodes = static_cast<std::size_t>(ErrorCode::cancelled) + 1;

  Counter calls_{0};
  Counter keys_{0};
  Counter requests_{0};
  Counter retries_{0};
  Counter speculative_{0};
  Counter bytes_sent_{0};
  Counter bytes_received_{0};
  std::array<Counter, kCodes> failures_{};
  LatencyHistogram call_latency_;
  LatencyHistogram request_latency_;
};

}  // namespace bytestore::cassandra
