#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cassandra/driver/types.hpp"

namespace bytestore::cassandra {

/// Which nodes of the local datacenter hold a token, as a number: keys with equal numbers have the
/// same replicas, and may share a request. Immutable; made once for each version of a topology.
class ReplicaSets {
 public:
  using Id = std::uint32_t;

  explicit ReplicaSets(const Topology& topology);

  /// That of the topology.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

  /// Whether the driver knew the replicas of every token.
  [[nodiscard]] bool complete() const noexcept { return complete_; }

  /// Ids are below this.
  [[nodiscard]] std::size_t size() const noexcept { return sets_.size(); }

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
  std::vector<std::vector<NodeId>> sets_;
  std::vector<Range> ranges_;  // in the order of tokens; after the last one comes the first
};

}  // namespace bytestore::cassandra
