#pragma once

#include <string>
#include <string_view>

#include "cassandra/cql/identifiers.hpp"

/// Every statement that a store sends, apart from look-ups before it is set up.
namespace bytestore::cassandra {

/// A text as CQL writes it.
std::string text_literal(std::string_view text);

std::string create_cql(const TableName& name);
std::string select_cql(const TableName& name);
/// The rows of a list of keys, and how many at most: a limit of as many as there are keys makes the
/// coordinator read them side by side, which it does not when it counts on pages.
std::string select_group_cql(const TableName& name);
/// The same of a table whose values are static, and so in every row of a partition: one row of
/// each.
std::string select_static_cql(const TableName& name);
std::string select_static_group_cql(const TableName& name);
std::string insert_cql(const TableName& name);
std::string delete_cql(const TableName& name);
/// Of a list of keys.
std::string delete_group_cql(const TableName& name);

/// The same with the timestamp as a value: the last one of a row that is inserted, the first one of
/// what is deleted.
std::string stamped_insert_cql(const TableName& name);
std::string stamped_delete_cql(const TableName& name);
std::string stamped_delete_group_cql(const TableName& name);

/// The statement that would create the table, in the fourth column.
std::string describe_cql(const TableName& name);
/// Whether a table that is created by `statement`, of a server's description, is transactional, or
/// is becoming or ceasing to be.
bool describes_transactions(std::string_view statement) noexcept;

/// The keys of a range of tokens: after the first, up to and with the second.
std::string list_cql(const TableName& name);

/// What a server says of each range of tokens that it is the first to hold: after which token, up
/// to and with which (texts), and about how many keys it has.
std::string size_estimates_cql(const TableName& name);

}  // namespace bytestore::cassandra
