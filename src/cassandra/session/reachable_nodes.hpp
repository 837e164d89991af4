#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "cassandra/driver/port.hpp"

namespace bytestore::cassandra {

/// The nodes that requests may go to now: those of the local datacenter with a connection.
[[nodiscard]] inline std::vector<Node> reachable_nodes(const DriverSession& driver) {
  auto nodes = driver.topology("", "", "")->nodes();
  std::erase_if(nodes, [&](const Node& node) {
    return !node.connected || node.datacenter != driver.local_datacenter();
  });
  return nodes;
}

/// For messages: what the node announces, and where it is reached if that differs.
[[nodiscard]] inline std::string address_of(const Node& node) {
  auto announced = fmt::format("{}:{}", node.address, node.port);
  if (node.reached_at.empty()) return announced;
  return fmt::format("{} (reached at {})", announced, node.reached_at);
}

}  // namespace bytestore::cassandra
