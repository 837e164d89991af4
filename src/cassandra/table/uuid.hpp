#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include "cassandra/driver/types.hpp"

namespace bytestore::cassandra {

/// Of `host_id`; none: it is no UUID.
[[nodiscard]] std::optional<NodeId> read_node_id(std::optional<std::span<const std::byte>> cell);

/// When a UUID of version 1 was made (RFC 9562, 5.1); none: it is another one.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> made_at(
    std::optional<std::span<const std::byte>> cell);

}  // namespace bytestore::cassandra
