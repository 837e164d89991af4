#include "cassandra/session/replica_load.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace bytestore::cassandra {

ReplicaLoads::Outcome ReplicaLoads::ending_of(const Result<Rows>& result) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  if (error == nullptr || is_of_server(error->code)) return Outcome::answered;
  return error->code == DriverErrorCode::attempt_timeout ? Outcome::timed_out : Outcome::other;
}

void ReplicaLoads::choose(std::span<NodeId> replicas, std::size_t offset,
                          std::optional<NodeId> avoided, Clock::time_point now) {
  if (replicas.empty()) return;
  std::ranges::rotate(replicas,
                      replicas.begin() + static_cast<std::ptrdiff_t>(offset % replicas.size()));
  const std::lock_guard lock(mutex_);
  const auto rank = [&](const NodeId& node) {
    const Load& load = loads_[node];
    const bool ejected = load.ejected_until && now < *load.ejected_until;
    return std::pair(ejected, load.requests);
  };
  auto chosen = replicas.begin();
  if (replicas.size() > 1 && *chosen == avoided) ++chosen;
  auto best = rank(*chosen);
  for (auto node = chosen + 1; node != replicas.end(); ++node) {
    const auto found = rank(*node);
    if (found >= best || *node == avoided) continue;
    best = found;
    chosen = node;
  }
  std::rotate(replicas.begin(), chosen, chosen + 1);
  Load& load = loads_[replicas.front()];
  ++load.requests;
  if (load.ejected_until) load.ejected_until = now + kEjection;  // nobody else until it answers
}

void ReplicaLoads::done(const NodeId& node, Outcome ending, Clock::time_point now) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = loads_.find(node);
  if (found == loads_.end()) return;
  Load& load = found->second;
  if (load.requests > 0) --load.requests;
  if (ending == Outcome::answered) load.ejected_until.reset();
  if (ending == Outcome::timed_out) load.ejected_until = now + kEjection;
}

}  // namespace bytestore::cassandra
