#include "cassandra/table/table_lookup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "cassandra/cql/big_endian.hpp"
#include "cassandra/cql/statements.hpp"
#include "cassandra/driver/self_owned.hpp"
#include "cassandra/policy/replication.hpp"
#include "cassandra/table/uuid.hpp"

namespace bytestore::cassandra {
namespace {

ColumnKind kind_of(std::string_view kind) noexcept {
  if (kind == "partition_key") return ColumnKind::partition_key;
  if (kind == "clustering") return ColumnKind::clustering;
  if (kind == "static") return ColumnKind::static_column;
  return ColumnKind::regular;
}

std::string in_keyspace(std::string_view keyspace) {
  return " WHERE keyspace_name = " + text_literal(keyspace);
}

std::string in_table(std::string_view keyspace, std::string_view table) {
  return in_keyspace(keyspace) + " AND table_name = " + text_literal(table);
}

std::string replication_cql(std::string_view in_keyspace) {
  return fmt::format("SELECT replication FROM system_schema.keyspaces{}", in_keyspace);
}

/// The part of a map in the protocol's form that is not read yet.
class MapReader {
 public:
  explicit MapReader(std::string_view bytes) : left_(bytes) {}

  /// None at the end, or if it is no map.
  std::optional<std::int32_t> length() {
    if (left_.size() < sizeof(std::int32_t)) return std::nullopt;
    return read_integer<std::int32_t>(as_bytes(taken(sizeof(std::int32_t))));
  }
  std::optional<std::string_view> text() {
    const auto size = length();
    if (!size || *size < 0 || static_cast<std::size_t>(*size) > left_.size()) return std::nullopt;
    return taken(static_cast<std::size_t>(*size));
  }

 private:
  std::string_view taken(std::size_t size) {
    const auto taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::string_view left_;
};

/// The column is a map of texts: the class of the strategy, and what that calls its options. What
/// cannot be read is another strategy.
Replication replication_in(const Rows& rows) {
  Replication replication;
  MapReader map(rows.size() == 0 ? std::string_view{} : rows.text(0, 0));
  map.length();
  std::map<std::string, std::size_t, std::less<>> counts;
  for (auto name = map.text(); name; name = map.text()) {
    const auto value = map.text().value_or("");
    if (*name == "class") {
      if (value.ends_with("NetworkTopologyStrategy")) {
        replication.strategy = Replication::Strategy::by_datacenter;
      } else if (value.ends_with("SimpleStrategy")) {
        replication.strategy = Replication::Strategy::simple;
      }
      continue;
    }
    // With transient replicas it is "3/1": of the three, one is transient.
    std::size_t count = 0;
    if (std::from_chars(value.begin(), value.end(), count).ec != std::errc{}) continue;
    counts.emplace(*name == "replication_factor" ? "" : *name, count);
  }
  replication.replicas = std::move(counts);
  return replication;
}

Refusal refusal_by(const Rows& rows, std::string_view keyspace, std::string_view datacenter) {
  const auto replication = replication_in(rows);
  if (!has_no_replicas(replication, datacenter)) return std::nullopt;
  return without_local_replicas(keyspace, replication, datacenter);
}

/// A static value is the same to every row of a partition, so that clustering columns do no harm.
/// A table WITH COMPACT STORAGE has such values, and columns that only the server sees: `column1`
/// to cluster by, and `value`. They stay, and can be seen, where that was dropped.
std::optional<TableLayout> layout_of(const std::vector<Column>& columns) {
  const auto key = std::ranges::find(columns, "row_id", &Column::name);
  const auto value = std::ranges::find(columns, "body_blob", &Column::name);
  if (key == columns.end() || value == columns.end()) return std::nullopt;
  const auto has = [&](ColumnKind kind) {
    return std::ranges::count(columns, kind, &Column::kind);
  };
  const bool is_ascii = key->type == "ascii";
  const bool is_static = value->kind == ColumnKind::static_column;
  const bool has_key = key->kind == ColumnKind::partition_key &&
                       has(ColumnKind::partition_key) == 1 && (is_ascii || key->type == "text");
  const bool has_value =
      value->type == "blob" &&
      (is_static || (value->kind == ColumnKind::regular && has(ColumnKind::clustering) == 0));
  if (!has_key || !has_value) return std::nullopt;
  return TableLayout{.has_ascii_keys = is_ascii, .has_static_values = is_static};
}

/// Asks for the table, then for its columns; if there is no such table, for the keyspace and then
/// for a view.
class TableRequest final : public RowsSink {
 public:
  TableRequest(std::shared_ptr<Querier> servers, std::string_view keyspace, std::string_view table,
               TableSink& sink, std::chrono::milliseconds timeout)
      : servers_(std::move(servers)),
        in_keyspace_(in_keyspace(keyspace)),
        table_literal_(text_literal(table)),
        in_table_(in_table(keyspace, table)),
        table_question_(table_question(keyspace, table)),
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
        return servers_->query(table_question_, options, *this);
      case Lookup::columns:
        return servers_->query(
            "SELECT column_name, type, kind FROM system_schema.columns" + in_table_, options,
            *this);
      case Lookup::keyspace:
        return servers_->query(replication_cql(in_keyspace_), options, *this);
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
        if (found_.exists && rows.columns() > 1) found_.made_at = made_at(rows.cell(0, 1));
        ask(found_.exists ? Lookup::columns : Lookup::keyspace);
        return true;
      case Lookup::columns:
        found_.keyspace_exists = true;
        add_columns(rows);
        break;
      case Lookup::keyspace:
        found_.keyspace_exists = rows.size() != 0;
        if (!found_.keyspace_exists) break;
        found_.replication = replication_in(rows);
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
  std::string table_question_;
  TableSink& sink_;
  std::chrono::milliseconds timeout_;
  Lookup lookup_ = Lookup::table;
  TableDescription found_;
};

}  // namespace

TableState state_of(const TableDescription& found, const TableName& name) {
  if (!found.keyspace_exists) {
    return Error(ErrorCode::schema,
                 fmt::format("there is no keyspace {}; create it with the replication that you "
                             "need, or name another one",
                             cassandra::quoted(name.keyspace)));
  }
  if (found.is_view) {
    return Error(ErrorCode::schema,
                 fmt::format("{} is the name of a materialized view, and views and tables share "
                             "their names; name another table",
                             name.cql()));
  }
  if (!found.exists) return TableIsMissing{};
  if (found.columns.empty()) return TableHasNoColumns{};
  if (const auto layout = layout_of(found.columns)) return TableIsReady{*layout};
  return Error(ErrorCode::schema,
               fmt::format("the table {} lacks row_id TEXT as its whole PRIMARY KEY, or a column "
                           "body_blob BLOB; name another table",
                           name.cql()));
}

bool may_be_new(const TableDescription& found) {
  constexpr std::chrono::minutes kNew{1};
  return found.made_at &&
         std::chrono::abs(std::chrono::system_clock::now() - *found.made_at) < kNew;
}

std::string table_question(std::string_view keyspace, std::string_view table) {
  return "SELECT table_name, id FROM system_schema.tables" + in_table(keyspace, table);
}

void look_up_table(std::shared_ptr<Querier> servers, std::string_view keyspace,
                   std::string_view table, TableSink& sink, std::chrono::milliseconds timeout) {
  TableRequest::start(
      std::make_unique<TableRequest>(std::move(servers), keyspace, table, sink, timeout));
}

void check_replicas(std::shared_ptr<Querier> servers, std::string keyspace, std::string datacenter,
                    std::chrono::milliseconds timeout, RefusalSink& sink) {
  RequestOptions options;
  options.consistency = Consistency::one;
  options.timeout = timeout;
  const auto cql = replication_cql(in_keyspace(keyspace));
  ask_once<Rows>([&](RowsSink& rows) { servers->query(cql, options, rows); },
                 [servers, keyspace = std::move(keyspace), datacenter = std::move(datacenter),
                  &sink](Result<Rows> result) {
                   try {
                     if (auto* error = std::get_if<DriverError>(&result)) {
                       if (!is_unknown_there(*error)) return sink.done(std::move(*error));
                       result = Rows();
                     }
                     sink.done(refusal_by(std::get<Rows>(result), keyspace, datacenter));
                   } catch (const std::exception&) {
                     sink.done(DriverError{.maybe_sent = true});
                   }
                 });
}

}  // namespace bytestore::cassandra
