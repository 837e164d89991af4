#include "cassandra/session/replica_load.hpp"

#include <variant>

#include "cassandra/policy/replica_choice.hpp"

namespace bytestore::cassandra {

ReplicaLoads::Outcome ReplicaLoads::ending_of(const Result<Rows>& result) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  if (error == nullptr || is_of_server(error->code)) return Outcome::answered;
  return error->code == DriverErrorCode::attempt_timeout ? Outcome::timed_out : Outcome::other;
}

void ReplicaLoads::choose(std::span<NodeId> replicas, std::size_t offset,
                          std::optional<NodeId> avoided, Clock::time_point now) {
  if (replicas.empty()) return;
  const std::lock_guard lock(mutex_);
  move_best_to_front(replicas, offset, avoided, [&](const NodeId& node) {
    const Load& load = loads_[node];
    return ReplicaRank{.is_ejected = load.ejected_until && now < *load.ejected_until,
                       .requests = load.requests};
  });
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
