#include "cassandra/session/replica_load.hpp"

#include <algorithm>
#include <utility>
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
  const auto serves = [&](const NodeId& node) { return node != avoided && !loads_[node].hangs; };
  if (avoided && std::ranges::none_of(replicas, serves))
    avoided.reset();  // rather than one that hangs
  move_best_to_front(replicas, offset, avoided, [&](const NodeId& node) {
    const Load& load = loads_[node];
    const bool is_ejected = load.ejected_until && now < *load.ejected_until;
    return ReplicaRank{.is_ejected = load.hangs || is_ejected, .requests = load.requests};
  });
  Load& load = loads_[replicas.front()];
  ++load.requests;
  if (load.ejected_until) load.ejected_until = now + kEjection;  // nobody else until it answers
}

void ReplicaLoads::sent(const NodeId& node, NodeRequest& request) {
  const std::lock_guard lock(mutex_);
  loads_[node].sent.push_back(request);
  is_active_ = true;
}

void ReplicaLoads::done(const NodeId& node, Outcome ending, Clock::time_point now,
                        NodeRequest* request) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = loads_.find(node);
  if (found == loads_.end()) return;
  Load& load = found->second;
  if (request != nullptr && request->is_linked()) {
    load.sent.erase(Requests::s_iterator_to(*request));
  }
  if (load.requests > 0) --load.requests;
  if (ending == Outcome::answered) {
    load.ejected_until.reset();
    load.hangs = false;
    load.heard = now;
  }
  if (ending == Outcome::timed_out) load.ejected_until = now + kEjection;
}

bool ReplicaLoads::take_activity() noexcept {
  const std::lock_guard lock(mutex_);
  const bool waits =
      std::ranges::any_of(loads_, [](const auto& entry) { return !entry.second.sent.empty(); });
  return std::exchange(is_active_, false) || waits;
}

/// Whether it has had a request since then and answered none, although no bytes of theirs hold up
/// what it answers.
bool ReplicaLoads::is_unheard(const Load& load, Clock::time_point since, Clock::time_point now) {
  if (load.sent.empty() || load.sent.front().sent_at() > since || load.heard > since) return false;
  return std::ranges::none_of(
      load.sent, [&](const NodeRequest& request) { return now < request.patient_until(); });
}

std::vector<NodeId> ReplicaLoads::unheard(Clock::time_point now, std::chrono::milliseconds time) {
  const std::lock_guard lock(mutex_);
  std::vector<NodeId> unheard;
  for (const auto& [node, load] : loads_) {
    if (load.hangs || is_unheard(load, now - time, now)) unheard.push_back(node);
  }
  return unheard;
}

void ReplicaLoads::heard(const NodeId& node, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Load& load = loads_[node];
  load.heard = now;
  load.hangs = false;
}

void ReplicaLoads::lost(const NodeId& node) {
  const std::lock_guard lock(mutex_);
  loads_[node].hangs = false;
}

std::vector<NodeRequest*> ReplicaLoads::hangs(const NodeId& node, Clock::time_point asked_at,
                                              Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Load& load = loads_[node];
  const bool another_answers = std::ranges::any_of(loads_, [&](const auto& entry) {
    return entry.first != node && entry.second.heard > asked_at;
  });
  if (!another_answers || !is_unheard(load, asked_at, now)) return {};
  std::vector<NodeRequest*> given_up;
  given_up.reserve(load.sent.size());  // from here on nothing throws
  load.hangs = true;
  for (auto next = load.sent.begin(); next != load.sent.end();) {
    NodeRequest& request = *next++;
    if (!request.begin_to_give_up()) continue;
    load.sent.erase(Requests::s_iterator_to(request));
    if (load.requests > 0) --load.requests;
    given_up.push_back(&request);
  }
  return given_up;
}

bool ReplicaLoads::is_hanging(const NodeId& node) {
  const std::lock_guard lock(mutex_);
  const auto found = loads_.find(node);
  return found != loads_.end() && found->second.hangs;
}

}  // namespace bytestore::cassandra
