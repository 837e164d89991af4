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
  // What is in quotes is read as such: a comment or the name of a column may be any text. A quote
  // in it is doubled, which makes two texts with nothing between them.
  for (;;) {
    const auto option = statement.substr(0, statement.find_first_of("\"'"));
    statement.remove_prefix(option.size());
    if (statement.empty()) return false;
    const auto end = statement.find(statement.front(), 1);
    const auto text = statement.substr(0, end == std::string_view::npos ? end : end + 1);
    statement.remove_prefix(text.size());
    if (option.ends_with(" transactional_mode = ") && text != "'off'") return true;
    if (option.ends_with(" transactional_migration_from = ") && text != "'none'") return true;
  }
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
