#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>

#include "cassandra/driver_port.hpp"

namespace bytestore::cassandra {

/// How many requests of a session each node has, so that the next one goes to the replica with the
/// fewest: a slow node gathers no more than the others have, and does not hold them up. Thread
/// safe.
class NodeLoads {
 public:
  /// Moves the replica with the fewest requests to the front of `replicas` and counts a request to
  /// it; of equals the first from `offset` on. Not `avoided`, if there is another one.
  void choose(std::span<NodeId> replicas, std::size_t offset, std::optional<NodeId> avoided);

  /// A request to the node is done.
  void done(const NodeId& node) noexcept;

 private:
  std::mutex mutex_;
  boost::unordered_flat_map<NodeId, std::size_t, std::hash<NodeId>> requests_;
};

}  // namespace bytestore::cassandra
