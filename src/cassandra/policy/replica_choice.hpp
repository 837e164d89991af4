#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "cassandra/driver/types.hpp"
#include "cassandra/policy/replica_sets.hpp"
#include "core/call.hpp"

namespace bytestore::cassandra {

/// How busy a replica is. The smaller one is the better choice.
struct ReplicaRank {
  bool is_ejected = false;   ///< it did not answer in time, and has not answered since
  std::size_t requests = 0;  ///< in flight

  friend auto operator<=>(const ReplicaRank&, const ReplicaRank&) = default;
};

/// Moves the replica with the least `rank_of(node)` to the front of `replicas`: of equals the first
/// from `offset` on, and `avoided` only if there is no other one.
template <typename RankOf>
void move_best_to_front(std::span<NodeId> replicas, std::size_t offset,
                        std::optional<NodeId> avoided, const RankOf& rank_of) {
  if (replicas.empty()) return;
  const auto first = static_cast<std::ptrdiff_t>(offset % replicas.size());
  std::ranges::rotate(replicas, replicas.begin() + first);
  auto chosen = replicas.begin();
  if (replicas.size() > 1 && *chosen == avoided) ++chosen;
  ReplicaRank best = rank_of(*chosen);
  for (auto node = chosen + 1; node != replicas.end(); ++node) {
    const ReplicaRank found = rank_of(*node);
    if (found >= best || *node == avoided) continue;
    best = found;
    chosen = node;
  }
  std::rotate(replicas.begin(), chosen, chosen + 1);
}

/// What is sent to one of some replicas, perhaps more than once.
struct Routed {
  std::vector<NodeId> replicas{};  ///< the chosen one first; empty: the driver does not know them
  std::optional<NodeId> node{};    ///< that the last attempt went to, if it is known
};

/// An attempt, as far as its node depends on it.
struct ReplicaAttempt {
  bool is_first = true;    ///< nothing was asked of these keys before, not even another page
  int failed = 0;          ///< attempts before this one
  std::size_t offset = 0;  ///< differs between requests, so that idle replicas take turns
  core::Call::Clock::time_point now{};
};

/// Chooses the node of an attempt, and counts a request to it in `loads`: the replica with the
/// fewest requests, but another one than that of the attempt before if there is one. The first
/// attempt chooses among `known()`, which the request was planned with; after a failure the
/// replicas are `latest()`, since the cluster may have changed.
template <typename Known, typename Latest, typename Loads>
void choose_replica(Routed& target, const ReplicaAttempt& attempt, const Known& known,
                    const Latest& latest, Loads& loads) {
  if (attempt.failed > 0) {
    target.replicas = latest();
  } else if (attempt.is_first) {
    target.replicas = known();
  }
  const auto before = std::exchange(target.node, std::nullopt);
  if (target.replicas.empty()) return;
  loads.choose(target.replicas, attempt.offset + static_cast<std::size_t>(attempt.failed), before,
               attempt.now);
  target.node = target.replicas.front();
}

/// The replica sets that a listing works with: looked for again after a failure and now and then,
/// but not for each page.
class HeldReplicaSets {
 public:
  using Sets = std::shared_ptr<const ReplicaSets>;

  /// Pages that are read by the same sets: about as many keys as a call plans at a time.
  static constexpr std::size_t kPages = 4;

  /// For the next page; `latest()` gives those that are known now.
  template <typename Latest>
  const ReplicaSets& known(const Latest& latest) {
    if (!sets_ || pages_ == kPages) return renewed(latest);
    ++pages_;
    return *sets_;
  }

  template <typename Latest>
  const ReplicaSets& renewed(const Latest& latest) {
    sets_ = latest();
    pages_ = 1;
    return *sets_;
  }

 private:
  Sets sets_;
  std::size_t pages_ = 0;  // that these were used for
};

}  // namespace bytestore::cassandra
