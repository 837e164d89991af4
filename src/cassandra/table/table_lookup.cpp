#include "cassandra/table/table_lookup.hpp"

#include <exception>
#include <memory>
#include <utility>

#include "cassandra/cql/big_endian.hpp"
#include "cassandra/cql/statements.hpp"
#include "cassandra/table/server_check.hpp"

namespace bytestore::cassandra {
namespace {

ColumnKind kind_of(std::string_view kind) noexcept {
  if (kind == "partition_key") return ColumnKind::partition_key;
  if (kind == "clustering") return ColumnKind::clustering;
  if (kind == "static") return ColumnKind::static_column;
  return ColumnKind::regular;
}

/// Asks for the table, then for its columns; if there is no such table, for the keyspace and then
/// for a view.
class TableRequest final : public RowsSink {
 public:
  TableRequest(std::shared_ptr<Querier> servers, std::string_view keyspace, std::string_view table,
               TableSink& sink, std::chrono::milliseconds timeout)
      : servers_(std::move(servers)),
        in_keyspace_(" WHERE keyspace_name = " + text_literal(keyspace)),
        table_literal_(text_literal(table)),
        in_table_(in_keyspace_ + " AND table_name = " + table_literal_),
        sink_(sink),
        timeout_(timeout) {}

  /// Lives until its last request is done.
  static void start(std::unique_ptr<TableRequest> self) {
    self->ask(Lookup::table);
    static_cast<void>(self.release());  // `done` has it now
  }

  void done(Result<Rows> result) noexcept override {
    std::unique_ptr<TableRequest> self(this);
    const auto servers = servers_;  // while it is asked again, another thread may end all this
    if (auto* error = std::get_if<DriverError>(&result)) {
      if (!has_no_views(*error)) return sink_.done(std::move(*error));
      result = Rows();
    }
    try {
      if (advance(std::get<Rows>(result))) {
        static_cast<void>(self.release());
        return;
      }
    } catch (const std::exception&) {
      return sink_.done(DriverError{.maybe_sent = true});
    }
    sink_.done(std::move(found_));
  }

 private:
  enum class Lookup { table, columns, keyspace, view };

  /// Whether it is the answer of a server that knows no views.
  [[nodiscard]] bool has_no_views(const DriverError& error) const noexcept {
    return lookup_ == Lookup::view && is_unknown_there(error);
  }

  void ask(Lookup lookup) {
    lookup_ = lookup;
    RequestOptions options;
    options.consistency = Consistency::one;
    options.timeout = timeout_;
    switch (lookup) {
      case Lookup::table:
        return servers_->query("SELECT table_name FROM system_schema.tables" + in_table_, options,
                               *this);
      case Lookup::columns:
        return servers_->query(
            "SELECT column_name, type, kind FROM system_schema.columns" + in_table_, options,
            *this);
      case Lookup::keyspace:
        return servers_->query("SELECT keyspace_name FROM system_schema.keyspaces" + in_keyspace_,
                               options, *this);
      case Lookup::view:
        return servers_->query("SELECT view_name FROM system_schema.views" + in_keyspace_ +
                                   " AND view_name = " + table_literal_,
                               options, *this);
    }
  }

  /// Returns whether it has asked for more.
  bool advance(const Rows& rows) {
    switch (lookup_) {
      case Lookup::table:
        found_.exists = rows.size() != 0;
        ask(found_.exists ? Lookup::columns : Lookup::keyspace);
        return true;
      case Lookup::columns:
        found_.keyspace_exists = true;
        add_columns(rows);
        break;
      case Lookup::keyspace:
        found_.keyspace_exists = rows.size() != 0;
        if (!found_.keyspace_exists) break;
        ask(Lookup::view);
        return true;
      case Lookup::view:
        found_.is_view = rows.size() != 0;
        break;
    }
    return false;
  }

  void add_columns(const Rows& rows) {
    for (std::size_t row = 0; row != rows.size(); ++row) {
      found_.columns.push_back({.name = std::string(rows.text(row, 0)),
                                .type = std::string(rows.text(row, 1)),
                                .kind = kind_of(rows.text(row, 2))});
    }
  }

  std::shared_ptr<Querier> servers_;
  std::string in_keyspace_;
  std::string table_literal_;
  std::string in_table_;
  TableSink& sink_;
  std::chrono::milliseconds timeout_;
  Lookup lookup_ = Lookup::table;
  TableDescription found_;
};

}  // namespace

void look_up_table(std::shared_ptr<Querier> servers, std::string_view keyspace,
                   std::string_view table, TableSink& sink, std::chrono::milliseconds timeout) {
  TableRequest::start(
      std::make_unique<TableRequest>(std::move(servers), keyspace, table, sink, timeout));
}

}  // namespace bytestore::cassandra
