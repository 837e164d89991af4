#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "cassandra/cql/identifiers.hpp"
#include "cassandra/driver/port.hpp"
#include "cassandra/table/server_check.hpp"

namespace bytestore::cassandra {

/// Asks whether a server would answer masks in place of keys or values of a table, as Cassandra
/// does from 5.0 on to roles without the permission UNMASK, without an error and without a sign in
/// what it answers. The refusal is `unauthorized`, and names the columns and the remedy; it also is
/// given where a column is masked and it cannot be told that the role may unmask it. `username` is
/// that of the session; empty: none. One request for a table without masks, and for servers that
/// have none. Holds on to the session until it needs it no more. `timeout` is that of each request;
/// 0: the session's.
void check_masks(std::shared_ptr<Querier> servers, TableName name, std::string username,
                 std::chrono::milliseconds timeout, RefusalSink& sink);

}  // namespace bytestore::cassandra
