#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "cassandra/driver/port.hpp"

namespace bench {

/// A datacenter of nodes with so many tokens each, drawn at random; the replicas of a token are the
/// next three nodes on the ring.
class MadeUpRing final : public bytestore::cassandra::Topology {
 public:
  using RingToken = bytestore::cassandra::RingToken;

  MadeUpRing(std::size_t nodes, std::size_t tokens_each, std::mt19937_64& random) {
    for (std::size_t node = 0; node < nodes; ++node) {
      for (std::size_t i = 0; i < tokens_each; ++i) {
        ring_.push_back({.token = static_cast<std::int64_t>(random()), .owner = {.high = node}});
      }
    }
    std::ranges::sort(ring_, {}, &RingToken::token);
  }

  [[nodiscard]] std::uint64_t version() const noexcept override { return 1; }
  [[nodiscard]] std::vector<bytestore::cassandra::Node> nodes() const override { return {}; }
  [[nodiscard]] std::vector<RingToken> ring() const override { return ring_; }
  void replicas(std::int64_t token, std::vector<bytestore::cassandra::NodeId>& out) const override {
    out.clear();
    auto next = std::ranges::lower_bound(ring_, token, {}, &RingToken::token);
    for (std::size_t seen = 0; seen < ring_.size() && out.size() < kReplicas; ++seen, ++next) {
      if (next == ring_.end()) next = ring_.begin();
      if (std::ranges::find(out, next->owner) == out.end()) out.push_back(next->owner);
    }
  }
  [[nodiscard]] std::optional<bytestore::cassandra::Replication> replication() const override {
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kReplicas = 3;

  std::vector<RingToken> ring_;
};

}  // namespace bench
