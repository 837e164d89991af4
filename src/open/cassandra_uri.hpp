#pragma once

#include <array>
#include <string>
#include <string_view>

#include "bytestore/cassandra_uri.hpp"
#include "open/store_uri.hpp"

namespace bytestore::open_uri {

inline constexpr auto kCassandraParameters =
    std::to_array<std::string_view>({"table",
                                     "consistency",
                                     "local_dc",
                                     "address_map",
                                     "tls_ca",
                                     "tls_certificate",
                                     "tls_key",
                                     "tls_verify",
                                     "connect_timeout",
                                     "attempt_timeout",
                                     "give_up_after",
                                     "worker_threads",
                                     "compression",
                                     "setup",
                                     "grouping",
                                     "read_group_keys",
                                     "write_group_rows",
                                     "write_group_bytes",
                                     "timestamps",
                                     "allow_clock_difference",
                                     "application_name",
                                     "password_file"});

/// \throws Error `invalid_argument`; the message has the valid values, but never the password.
CassandraTarget parse_cassandra_uri(const StoreUri& uri);

/// Refuses what stands for a store URI if it has a password where none belongs, or parts that are
/// ambiguous because the password is not percent-encoded; messages about them would show the
/// password. To be called before anything else is said of it. \throws Error `invalid_argument`.
void check_shape(std::string_view text);

}  // namespace bytestore::open_uri
