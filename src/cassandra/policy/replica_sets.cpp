#include "cassandra/policy/replica_sets.hpp"

#include <algorithm>
#include <map>

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

ReplicaSets::Id ReplicaSets::of(std::int64_t token) const noexcept {
  const auto range = std::ranges::lower_bound(ranges_, token, {}, &Range::last);
  return range == ranges_.end() ? ranges_.front().set : range->set;
}

}  // namespace bytestore::cassandra
