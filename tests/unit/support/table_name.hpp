#pragma once

#include "cassandra/cql/identifiers.hpp"

namespace bytestore::cassandra {

/// The table that tests talk about.
inline const TableName kName{.keyspace = "app", .table = "kv"};

}  // namespace bytestore::cassandra
