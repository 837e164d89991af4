#include "cassandra/policy/replication.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace bytestore::cassandra {

bool counts_local_replicas(Consistency level) noexcept {
  return level == Consistency::local_quorum || level == Consistency::local_one;
}

bool has_no_replicas(const Replication& replication, std::string_view datacenter) noexcept {
  if (replication.strategy != Replication::Strategy::by_datacenter) return false;
  const auto found = replication.replicas.find(datacenter);
  return found == replication.replicas.end() || found->second == 0;
}

Error without_local_replicas(std::string_view keyspace, const Replication& replication,
                             std::string_view datacenter) {
  std::vector<std::string> counts;
  std::vector<std::string_view> others;
  for (const auto& [name, replicas] : replication.replicas) {
    if (replicas == 0) continue;
    counts.push_back(fmt::format("{} {}", name, replicas));
    others.push_back(name);
  }
  const std::string remedy =
      others.empty() ? std::string("alter the keyspace so that it has some")
                     : fmt::format("connect with local_datacenter={0} (in a URI local_dc={0})",
                                   fmt::join(others, " or "));
  return {ErrorCode::schema,
          fmt::format(
              "keyspace {} has no replicas in datacenter {} (it has: {}); {}", keyspace, datacenter,
              counts.empty() ? "none" : fmt::format("{}", fmt::join(counts, ", ")), remedy)};
}

DriverError without_local_replicas(const DriverError& unavailable, const Error& refusal) {
  DriverError told = unavailable;
  told.code = DriverErrorCode::no_local_replicas;
  told.message = refusal.what();
  return told;
}

std::optional<std::string> warning_of(std::string_view keyspace, const Replication& replication,
                                      const std::vector<Node>& nodes,
                                      std::string_view local_datacenter) {
  if (replication.strategy != Replication::Strategy::simple) return std::nullopt;
  std::set<std::string_view> datacenters;
  for (const Node& node : nodes) {
    if (!node.datacenter.empty()) datacenters.insert(node.datacenter);
  }
  if (datacenters.size() < 2) return std::nullopt;
  const auto found = replication.replicas.find("");
  const std::size_t all = found == replication.replicas.end() ? 0 : found->second;
  return fmt::format(
      "keyspace {} has the SimpleStrategy, and the nodes are in {} datacenters ({}): its "
      "replication factor of {} counts nodes of any of them; LOCAL_QUORUM needs {} of them in "
      "datacenter {} and "
      "LOCAL_ONE needs 1, and both fail for keys that have fewer there; use the "
      "NetworkTopologyStrategy, or levels that count all datacenters (ONE, QUORUM)",
      keyspace, datacenters.size(), fmt::join(datacenters, ", "), all, all / 2 + 1,
      local_datacenter);
}

}  // namespace bytestore::cassandra
