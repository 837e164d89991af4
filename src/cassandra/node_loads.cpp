#include "cassandra/node_loads.hpp"

#include <algorithm>

namespace bytestore::cassandra {

void NodeLoads::choose(std::span<NodeId> replicas, std::size_t offset,
                       std::optional<NodeId> avoided) {
  if (replicas.empty()) return;
  std::ranges::rotate(replicas,
                      replicas.begin() + static_cast<std::ptrdiff_t>(offset % replicas.size()));
  const std::lock_guard lock(mutex_);
  auto chosen = replicas.begin();
  if (replicas.size() > 1 && *chosen == avoided) ++chosen;
  std::size_t fewest = requests_[*chosen];
  for (auto node = chosen + 1; node != replicas.end(); ++node) {
    const std::size_t requests = requests_[*node];
    if (requests >= fewest || *node == avoided) continue;
    fewest = requests;
    chosen = node;
  }
  std::rotate(replicas.begin(), chosen, chosen + 1);
  ++requests_[replicas.front()];
}

void NodeLoads::done(const NodeId& node) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = requests_.find(node);
  if (found != requests_.end() && found->second > 0) --found->second;
}

}  // namespace bytestore::cassandra
