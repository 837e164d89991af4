#include "cassandra/policy/replica_sets.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace bytestore::cassandra {

ReplicaSets::ReplicaSets(const Topology& topology) : version_(topology.version()) {
  std::map<std::vector<NodeId>, Id> known;
  std::vector<NodeId> nodes;
  const auto set_of = [&](std::int64_t token) {
    topology.replicas(token, nodes);
    std::ranges::sort(nodes);
    complete_ = complete_ && !nodes.empty();
    const auto [set, is_new] = known.try_emplace(nodes, static_cast<Id>(sets_.size()));
    if (is_new) sets_.push_back(nodes);
    return set->second;
  };
  for (const RingToken& end : topology.ring()) {
    ranges_.push_back({.last = end.token, .set = set_of(end.token)});
  }
  // A ring of one range, for the time in which the driver does not know it.
  if (ranges_.empty()) ranges_.push_back({.last = 0, .set = set_of(0)});
}

ReplicaSets::ReplicaSets(const Topology& topology, Partitioner partitioner,
                         std::string_view datacenter)
    : ReplicaSets(topology) {
  if (partitioner == Partitioner::murmur3 || partitioner == Partitioner::untold) return;
  std::vector<NodeId> nodes;
  for (const Node& node : topology.nodes()) {
    if (node.datacenter == datacenter) nodes.push_back(node.id);
  }
  std::ranges::sort(nodes);
  // Wherever the driver takes a token to be, all nodes have it.
  const bool each_holds_all = sets_.size() == 1 && sets_.front() == nodes;
  places_keys_ = each_holds_all && partitioner != Partitioner::other;
  complete_ = !nodes.empty();
  sets_ = {std::move(nodes)};
  ranges_ = {{.last = 0, .set = 0}};
}

ReplicaSets::Id ReplicaSets::of(std::int64_t token) const noexcept {
  const auto range = std::ranges::lower_bound(ranges_, token, {}, &Range::last);
  return range == ranges_.end() ? ranges_.front().set : range->set;
}

}  // namespace bytestore::cassandra
