#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>

#include "cassandra/driver/port.hpp"
#include "core/call.hpp"

namespace bytestore::cassandra {

/// How many requests of a session each node has, so that the next one goes to the replica with the
/// fewest: a slow node gathers no more than the others have, and does not hold them up. A node that
/// let a request time out is ejected: it gets one request in a while, until it answers. Thread
/// safe.
class ReplicaLoads {
 public:
  using Clock = core::Call::Clock;

  /// How a request ended, as far as it tells of its node.
  enum class Outcome {
    answered,   ///< by the node, also with an error
    timed_out,  ///< not answered in time
    other,
  };
  [[nodiscard]] static Outcome ending_of(const Result<Rows>& result) noexcept;

  /// As long as an attempt may take by default.
  static constexpr std::chrono::seconds kEjection{10};

  /// Moves the replica with the fewest requests to the front of `replicas`, as
  /// `move_best_to_front` does, and counts a request to it. A node that is ejected is chosen only
  /// if there is no other one.
  void choose(std::span<NodeId> replicas, std::size_t offset, std::optional<NodeId> avoided,
              Clock::time_point now);

  /// A request to the node is done.
  void done(const NodeId& node, Outcome ending, Clock::time_point now) noexcept;

 private:
  struct Load {
    std::size_t requests = 0;
    std::optional<Clock::time_point> ejected_until{};  ///< then one request finds out
  };

  std::mutex mutex_;
  boost::unordered_flat_map<NodeId, Load, std::hash<NodeId>> loads_;
};

}  // namespace bytestore::cassandra
