#pragma once

#include <string>
#include <string_view>

namespace bytestore::cassandra {

/// The name that the server knows: `Upper` is `upper`, `"Upper"` is `Upper`.
/// \throws Error `invalid_argument` unless it is 1 to 48 letters, digits and underscores.
std::string folded_keyspace(std::string_view name);

/// The same for a table, whose name may have up to 222 of them; some servers allow fewer.
/// \throws Error `invalid_argument`
std::string folded_table(std::string_view name);

/// A folded name as it is written in a statement: always quoted, so that reserved words work.
std::string quoted(std::string_view folded);

/// The names of a table, folded.
struct TableName {
  std::string keyspace;
  std::string table;

  /// As a statement has it.
  [[nodiscard]] std::string cql() const {
    return cassandra::quoted(keyspace) + '.' + cassandra::quoted(table);
  }
};

}  // namespace bytestore::cassandra
