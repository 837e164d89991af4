#pragma once

#include <array>
#include <chrono>
#include <cstddef>

#include "cassandra/flow/byte_budget.hpp"

namespace bytestore::cassandra {

/// How many requests and bytes of a session may be in flight.
struct WindowBounds {
  std::size_t start = 32;  ///< requests, before anything is known of the servers
  std::size_t least = 1;   ///< requests, however the servers groan
  std::size_t most = 512;  ///< requests; a driver's connection is closed at 1,024 given-up ones
  ByteBounds bytes{};      ///< of requests, and as many of the answers expected
};

/// A limit that grows while answers stay quick and is halved when servers or networks are
/// overloaded. Decides only; not thread safe.
class ConcurrencyLimit {
 public:
  explicit ConcurrencyLimit(const WindowBounds& bounds) noexcept
      : bounds_(bounds), limit_(static_cast<double>(bounds.start)) {}

  [[nodiscard]] std::size_t requests() const noexcept { return static_cast<std::size_t>(limit_); }

  // Each of these is the end of a request.

  /// Kinds of requests, by number: latencies are compared with those of the same kind. A group of
  /// keys takes longer than one key, however idle the servers are.
  static constexpr std::size_t kKinds = 6;

  /// One of `kind` was answered after `latency`; `full` tells whether the limit held others up.
  void answered(std::size_t kind, std::chrono::nanoseconds latency, bool full) noexcept;

  /// It timed out, or a server refused it for its load: half of what was in flight, this and
  /// `others`, may be from now on. Requests that were sent before do not halve it again.
  void congested(std::size_t others) noexcept;

  /// It ended in a way that tells nothing about load.
  void ended() noexcept { count_old_answer(); }

 private:
  /// Whether it was one from before the last halving.
  bool count_old_answer() noexcept {
    if (old_answers_ == 0) return false;
    --old_answers_;
    return true;
  }

  WindowBounds bounds_;
  double limit_;
  struct Latency {
    double smoothed = 0;  // in ns; 0: none yet
    double best = 0;      // the lowest of late
  };
  std::array<Latency, kKinds> latencies_{};
  bool probing_ = true;          // no limit was met yet: growth is quick
  std::size_t old_answers_ = 0;  // still to come for requests from before the last halving
};

}  // namespace bytestore::cassandra
