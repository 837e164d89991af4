#include "cassandra/cql/statements.hpp"

#include <fmt/format.h>

namespace bytestore::cassandra {

std::string text_literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += c;
    quoted += c;
  }
  return quoted += '\'';
}

std::string create_cql(const TableName& name) {
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {} (row_id TEXT, body_blob BLOB, PRIMARY KEY (row_id))",
      name.cql());
}

std::string select_cql(const TableName& name) {
  return fmt::format("SELECT body_blob FROM {} WHERE row_id = ?", name.cql());
}

std::string select_group_cql(const TableName& name) {
  return fmt::format("SELECT row_id, body_blob FROM {} WHERE row_id IN ? LIMIT ?", name.cql());
}

std::string select_static_cql(const TableName& name) { return select_cql(name) + " LIMIT 1"; }

std::string select_static_group_cql(const TableName& name) {
  return fmt::format("SELECT DISTINCT row_id, body_blob FROM {} WHERE row_id IN ? LIMIT ?",
                     name.cql());
}

std::string insert_cql(const TableName& name) {
  return fmt::format("INSERT INTO {} (row_id, body_blob) VALUES (?, ?)", name.cql());
}

std::string delete_cql(const TableName& name) {
  return fmt::format("DELETE FROM {} WHERE row_id = ?", name.cql());
}

std::string delete_group_cql(const TableName& name) {
  return fmt::format("DELETE FROM {} WHERE row_id IN ?", name.cql());
}

std::string stamped_insert_cql(const TableName& name) {
  return insert_cql(name) + " USING TIMESTAMP ?";
}

std::string stamped_delete_cql(const TableName& name) {
  return fmt::format("DELETE FROM {} USING TIMESTAMP ? WHERE row_id = ?", name.cql());
}

std::string stamped_delete_group_cql(const TableName& name) {
  return fmt::format("DELETE FROM {} USING TIMESTAMP ? WHERE row_id IN ?", name.cql());
}

std::string describe_cql(const TableName& name) {
  return fmt::format("DESCRIBE TABLE {}", name.cql());
}

bool describes_transactions(std::string_view statement) noexcept {
  // Quotes within another option's text are doubled, so that it cannot hold such a value.
  const auto has_other = [statement](std::string_view option, std::string_view usual) {
    for (auto at = statement.find(option); at != std::string_view::npos;
         at = statement.find(option, at + 1)) {
      const auto value = statement.substr(at + option.size());
      if (!value.starts_with('\'') && !value.starts_with(usual)) return true;
    }
    return false;
  };
  return has_other(" transactional_mode = '", "off'") ||
         has_other(" transactional_migration_from = '", "none'");
}

std::string list_cql(const TableName& name) {
  return fmt::format(
      "SELECT DISTINCT row_id FROM {} WHERE token(row_id) > ? AND token(row_id) <= ?", name.cql());
}

std::string size_estimates_cql(const TableName& name) {
  return fmt::format(
      "SELECT range_start, range_end, partitions_count FROM system.size_estimates "
      "WHERE keyspace_name = '{}' AND table_name = '{}'",
      name.keyspace, name.table);
}

}  // namespace bytestore::cassandra
