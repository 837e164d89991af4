#include "cassandra/session/replica_load.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace bytestore::cassandra {

NodeLoads::Ending NodeLoads::ending_of(const Result<Rows>& result) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  if (error == nullptr || is_of_server(error->code)) return Ending::answered;
  return error->code == DriverErrorCode::attempt_timeout ? Ending::silent : Ending::other;
}

void NodeLoads::choose(std::span<NodeId> replicas, std::size_t offset,
                       std::optional<NodeId> avoided, Clock::time_point now) {
  if (replicas.empty()) return;
  std::ranges::rotate(replicas,
                      replicas.begin() + static_cast<std::ptrdiff_t>(offset % replicas.size()));
  const std::lock_guard lock(mutex_);
  const auto rank = [&](const NodeId& node) {
    const Load& load = loads_[node];
    const bool shunned = load.shunned_until && now < *load.shunned_until;
    return std::pair(shunned, load.requests);
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
  if (load.shunned_until) load.shunned_until = now + kShunned;  // nobody else until it answers
}

void NodeLoads::done(const NodeId& node, Ending ending, Clock::time_point now) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = loads_.find(node);
  if (found == loads_.end()) return;
  Load& load = found->second;
  if (load.requests > 0) --load.requests;
  if (ending == Ending::answered) load.shunned_until.reset();
  if (ending == Ending::silent) load.shunned_until = now + kShunned;
}

}  // namespace bytestore::cassandra
