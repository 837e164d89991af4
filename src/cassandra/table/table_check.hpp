#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "cassandra/cql/identifiers.hpp"
#include "cassandra/driver/port.hpp"
#include "cassandra/table/server_check.hpp"

namespace bytestore::cassandra {

/// What becomes of requests to a table.
struct TableTraits {
  /// As tables of Cassandra 6.0 may be: then the server puts its own timestamp on a write whose
  /// statement has none, and leaves rows out of answers for several keys
  /// (docs/decisions/060-transactional-tables.md).
  bool is_transactional = false;
  /// The bytes of a write that the server takes. Asked of those that do not say so when they refuse
  /// one; Cassandra 4.0 tells, 3.11 does not.
  std::size_t largest_write = kUsualLargestWrite;
};

/// Gets the traits, before the sink gets the answer.
using TraitsTold = std::function<void(const TableTraits&)>;

/// Asks what a server would do with a store's requests for a table. One answer is the traits of the
/// table. The other is a refusal: whether a server would
/// answer masks in place of keys or values, as Cassandra does from 5.0 on to roles without the
/// permission UNMASK, without an error and without a sign in what it answers. The refusal is
/// `unauthorized`, and names the columns and the remedy; it also is given where a column is masked
/// and it cannot be told that the role may unmask it. `username` is that of the session; empty:
/// none. Two requests for a table without masks, or to servers that know none, which know no
/// transactions either. Holds on to the session until it needs it no more. `timeout` is that of
/// each request; 0: the session's.
void check_table(std::shared_ptr<Querier> servers, TableName name, std::string username,
                 std::chrono::milliseconds timeout, TraitsTold told, RefusalSink& sink);

}  // namespace bytestore::cassandra
