#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/error.hpp"
#include "cassandra/driver/types.hpp"

namespace bytestore::cassandra {

/// Whether replicas of other datacenters than the coordinator's count nothing at this level.
[[nodiscard]] bool counts_local_replicas(Consistency level) noexcept;

/// Whether it is certain that a datacenter holds nothing of a keyspace. By the SimpleStrategy it
/// depends on the key.
[[nodiscard]] bool has_no_replicas(const Replication& replication,
                                   std::string_view datacenter) noexcept;

/// That `keyspace` has none in the local datacenter, with where it has some. What it says completes
/// a sentence, too.
[[nodiscard]] Error without_local_replicas(std::string_view keyspace,
                                           const Replication& replication,
                                           std::string_view datacenter);

/// What `unavailable`, with which a request has failed, is in truth, after a server has told the
/// replication: `refusal` is the above.
[[nodiscard]] DriverError without_local_replicas(const DriverError& unavailable,
                                                 const Error& refusal);

/// What is to be said about a keyspace with the SimpleStrategy if `nodes` are in several
/// datacenters.
[[nodiscard]] std::optional<std::string> warning_of(std::string_view keyspace,
                                                    const Replication& replication,
                                                    const std::vector<Node>& nodes,
                                                    std::string_view local_datacenter);

}  // namespace bytestore::cassandra
