#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "cassandra/driver/types.hpp"
#include "cassandra/ring/ring.hpp"

namespace bytestore::cassandra {

/// Which nodes of the local datacenter hold a token, as a number: keys with equal numbers have the
/// same replicas, and may share a request. Immutable; made once for each version of a topology.
///
/// The driver knows Murmur3's ring only. By another partitioner all keys have one number, and its
/// nodes are those of the datacenter: their replicas only if each node holds all keys.
class ReplicaSets {
 public:
  using Id = std::uint32_t;

  /// By Murmur3.
  explicit ReplicaSets(const Topology& topology);

  ReplicaSets(const Topology& topology, Partitioner partitioner, std::string_view datacenter);

  /// That of the topology.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

  /// Whether the driver knew the replicas of every token.
  [[nodiscard]] bool complete() const noexcept { return complete_; }

  /// Whether the nodes of a number are the replicas of its keys. If not, a request for several keys
  /// would make its node fetch from others, and each key is better off in a request of its own.
  [[nodiscard]] bool places_keys() const noexcept { return places_keys_; }

  /// Ids are below this.
  [[nodiscard]] std::size_t size() const noexcept { return sets_.size(); }

  /// `token` is Murmur3's, also where the partitioner is another one.
  [[nodiscard]] Id of(std::int64_t token) const noexcept;

  /// In a fixed order; empty while the driver does not know them.
  [[nodiscard]] const std::vector<NodeId>& nodes(Id set) const noexcept { return sets_[set]; }

 private:
  struct Range {
    std::int64_t last;  // inclusive
    Id set;
  };

  std::uint64_t version_;
  bool complete_ = true;
  bool places_keys_ = true;
  std::vector<std::vector<NodeId>> sets_;
  std::vector<Range> ranges_;  // in the order of tokens; after the last one comes the first
};

}  // namespace bytestore::cassandra
