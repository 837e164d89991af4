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
#include "cassandra/driver/port.hpp"
#include "cassandra/policy/replica_sets.hpp"
#include "cassandra/policy/request_groups.hpp"
#include "made_up_ring.hpp"

namespace {

using bench::MadeUpRing;
using bytestore::cassandra::ReplicaSets;
using bytestore::cassandra::RequestGroups;

constexpr std::size_t kPlannedKeys = 4'096;  // as BatchCall plans them
constexpr RequestGroups::Limits kReads{.keys = 32,
                                       .bytes = std::numeric_limits<std::size_t>::max()};
constexpr RequestGroups::Limits kWrites{.keys = 10,
                                        .bytes = std::numeric_limits<std::size_t>::max()};

/// Keys a request, when a call of so many keys is planned as a store does it.
double keys_a_group(const ReplicaSets& sets, std::size_t keys,
                    const RequestGroups::Limits& limits) {
  RequestGroups plan;
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
