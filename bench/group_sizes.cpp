// How many keys share a request, as a cluster grows: the planner on rings made up at random,
// without a server. Prints a table in Markdown; docs/decisions/030-groups.md quotes it.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bytestore/bytes.hpp"
#include "cassandra/driver_port.hpp"
#include "cassandra/group_plan.hpp"
#include "cassandra/replica_sets.hpp"

namespace {

using bytestore::cassandra::GroupPlan;
using bytestore::cassandra::Node;
using bytestore::cassandra::NodeId;
using bytestore::cassandra::ReplicaSets;
using bytestore::cassandra::RingToken;
using bytestore::cassandra::Topology;

constexpr std::size_t kReplicas = 3;
constexpr std::size_t kPlannedKeys = 4'096;  // as KeyedCall plans them
constexpr GroupPlan::Limits kReads{.keys = 32, .bytes = std::numeric_limits<std::size_t>::max()};
constexpr GroupPlan::Limits kWrites{.keys = 10, .bytes = std::numeric_limits<std::size_t>::max()};

/// A datacenter of nodes with so many tokens each, drawn at random; the replicas of a token are the
/// next three nodes on the ring.
class MadeUpRing final : public Topology {
 public:
  MadeUpRing(std::size_t nodes, std::size_t tokens_each, std::mt19937_64& random) {
    for (std::size_t node = 0; node < nodes; ++node) {
      for (std::size_t i = 0; i < tokens_each; ++i) {
        ring_.push_back({.token = static_cast<std::int64_t>(random()), .owner = {.high = node}});
      }
    }
    std::ranges::sort(ring_, {}, &RingToken::token);
  }

  [[nodiscard]] std::uint64_t version() const noexcept override { return 1; }
  [[nodiscard]] std::vector<Node> nodes() const override { return {}; }
  [[nodiscard]] std::vector<RingToken> ring() const override { return ring_; }
  void replicas(std::int64_t token, std::vector<NodeId>& out) const override {
    out.clear();
    auto next = std::ranges::lower_bound(ring_, token, {}, &RingToken::token);
    for (std::size_t seen = 0; seen < ring_.size() && out.size() < kReplicas; ++seen, ++next) {
      if (next == ring_.end()) next = ring_.begin();
      if (std::ranges::find(out, next->owner) == out.end()) out.push_back(next->owner);
    }
  }

 private:
  std::vector<RingToken> ring_;
};

/// Keys a request, when a call of so many keys is planned as a store does it.
double keys_a_group(const ReplicaSets& sets, std::size_t keys, const GroupPlan::Limits& limits) {
  GroupPlan plan;
  std::size_t groups = 0;
  for (std::size_t next = 0; next < keys || !plan.empty();) {
    if (plan.empty()) {
      for (const std::size_t end = std::min(keys, next + kPlannedKeys); next < end; ++next) {
        const std::string key = fmt::format("key {}", next);
        plan.add(next, sets.of(bytestore::cassandra::token_of(bytestore::as_bytes(key))),
                 key.size());
      }
    }
    plan.next(limits);
    ++groups;
  }
  return static_cast<double>(keys) / static_cast<double>(groups);
}

}  // namespace

int main() {
  constexpr std::array<std::size_t, 3> kCalls{1'000, 10'000, 100'000};
  std::mt19937_64 random(1);  // NOLINT(cert-msc51-cpp): the same rings each time
  fmt::print("| nodes | tokens each | replica sets |");
  for (const auto keys : kCalls) fmt::print(" read, {} keys | write |", keys);
  fmt::print("\n|---|---|---|---|---|---|---|---|---|\n");
  for (const std::size_t nodes : {3U, 6U, 12U, 50U, 100U, 300U, 1'000U}) {
    for (const std::size_t tokens_each : {1U, 16U, 256U}) {
      const ReplicaSets sets(MadeUpRing(nodes, tokens_each, random));
      fmt::print("| {} | {} | {} |", nodes, tokens_each, sets.size());
      for (const auto keys : kCalls) {
        fmt::print(" {:.1f} | {:.1f} |", keys_a_group(sets, keys, kReads),
                   keys_a_group(sets, keys, kWrites));
      }
      fmt::print("\n");
    }
  }
}
