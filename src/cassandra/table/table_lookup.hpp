#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cassandra/driver/port.hpp"

namespace bytestore::cassandra {

enum class ColumnKind { partition_key, clustering, regular, static_column };

struct Column {
  std::string name;
  std::string type;  ///< as the server writes it, e.g. "text" or "frozen<list<int>>"
  ColumnKind kind = ColumnKind::regular;
};

/// A table as the server has it now.
struct TableDescription {
  bool keyspace_exists = false;
  bool exists = false;
  bool is_view = false;         ///< there is no such table, but a materialized view of that name
  std::vector<Column> columns;  ///< of the table; in no order
};

using TableSink = core::Sink<Result<TableDescription>>;

/// Asks for a table and, if it is missing, for what else may have its name: tables and materialized
/// views share their names, and nothing else does. The names are those of the server: folded, not
/// quoted. Holds on to the session until it needs it no more. `timeout` is that of each request; 0:
/// the session's.
void look_up_table(std::shared_ptr<Querier> servers, std::string_view keyspace,
                   std::string_view table, TableSink& sink,
                   std::chrono::milliseconds timeout = std::chrono::milliseconds{0});

}  // namespace bytestore::cassandra
