#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bytestore/error.hpp"
#include "cassandra/cql/identifiers.hpp"
#include "cassandra/driver/port.hpp"
#include "cassandra/table/server_check.hpp"

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
  Replication replication{};  ///< of the keyspace; asked for only where the table is missing
  bool exists = false;
  /// By the server's clock; none: it is not told, as where ids are made from names.
  std::optional<std::chrono::system_clock::time_point> made_at{};
  bool is_view = false;         ///< there is no such table, but a materialized view of that name
  std::vector<Column> columns;  ///< of the table; in no order
};

/// What differs among the tables that a store can use.
struct TableLayout {
  bool has_ascii_keys = false;  ///< the key is ascii, and not any text
  /// The value is a static column, which all rows of a partition share: who wrote the table beside
  /// this library gave it clustering columns, or it was made WITH COMPACT STORAGE.
  bool has_static_values = false;
};

struct TableIsReady {
  TableLayout layout{};
};
struct TableIsMissing {};
struct TableHasNoColumns {};  ///< its columns are not there yet

/// What is to be done about a table that was looked up. An error says why it cannot be used.
using TableState = std::variant<TableIsReady, TableIsMissing, TableHasNoColumns, Error>;
TableState state_of(const TableDescription& found, const TableName& name);

/// Whether it may be that not all nodes know the table: by its age, which spans what the clocks of
/// a server and of this machine may differ by.
bool may_be_new(const TableDescription& found);

/// A statement that is answered by one row, of its name and id, if the server knows the table, and
/// else by none.
std::string table_question(std::string_view keyspace, std::string_view table);

using TableSink = core::Sink<Result<TableDescription>>;

/// Asks for a table and, if it is missing, for what else may have its name: tables and materialized
/// views share their names, and nothing else does. The names are those of the server: folded, not
/// quoted. Holds on to the session until it needs it no more. `timeout` is that of each request; 0:
/// the session's.
void look_up_table(std::shared_ptr<Querier> servers, std::string_view keyspace,
                   std::string_view table, TableSink& sink,
                   std::chrono::milliseconds timeout = std::chrono::milliseconds{0});

/// Asks whether a keyspace has replicas in the datacenter that a session is in. The refusal is
/// `schema`, and says where it has some. Names and `timeout` are as above.
void check_replicas(std::shared_ptr<Querier> servers, std::string keyspace, std::string datacenter,
                    std::chrono::milliseconds timeout, RefusalSink& sink);

}  // namespace bytestore::cassandra
