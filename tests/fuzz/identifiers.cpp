// What is put into statements: names and texts are read back, as CQL reads them, as what they were,
// and a text in a table's description is never taken for one of its options.

#include "cassandra/cql/identifiers.hpp"

#include <fmt/format.h>

#include <optional>

#include "cassandra/cql/statements.hpp"
#include "fuzz.hpp"

namespace bytestore::fuzz {
namespace {

/// Reads what is in quotes at the beginning of a statement, as CQL does, and takes it off. Nothing
/// if there are no quotes, or if they do not end.
std::optional<std::string> take_quoted(std::string_view& statement, char quote) {
  if (!statement.starts_with(quote)) return std::nullopt;
  std::string text;
  for (std::size_t i = 1; i < statement.size(); ++i) {
    if (statement[i] == quote) {
      if (i + 1 == statement.size() || statement[i + 1] != quote) {
        statement.remove_prefix(i + 1);
        return text;
      }
      ++i;
    }
    text += statement[i];
  }
  return std::nullopt;
}

/// Whether all of `statement` is `text` in these quotes.
bool reads_as(std::string_view statement, char quote, std::string_view text) {
  const auto read = take_quoted(statement, quote);
  return read == text && statement.empty();
}

bool is_word(std::string_view text) {
  constexpr std::string_view kWord =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  return !text.empty() && text.find_first_not_of(kWord) == std::string_view::npos;
}

/// Returns the name that a server knows, if it accepts it.
std::optional<std::string> expected_name(std::string_view given, std::size_t most) {
  auto rest = given;
  auto name = take_quoted(rest, '"');
  if (name && !rest.empty()) return std::nullopt;
  if (!name) {
    name.emplace();
    for (const char c : given) {
      *name += static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
  }
  if (!is_word(*name) || name->size() > most) return std::nullopt;
  return name;
}

void check_name(std::string_view given, std::size_t most, std::string (*fold)(std::string_view)) {
  std::optional<std::string> folded;
  refusal_of([&] { folded = fold(given); });
  require(folded == expected_name(given, most), "a name is the one that the server knows");
  if (!folded) return;
  require(reads_as(cassandra::quoted(*folded), '"', *folded), "a quoted name reads as itself");
  const cassandra::TableName table{.keyspace = *folded, .table = *folded};
  const std::string cql = table.cql();
  std::string_view rest = cql;
  require(take_quoted(rest, '"') == table.keyspace, "the keyspace of a table reads as itself");
  require(rest.starts_with('.') && reads_as(rest.substr(1), '"', table.table),
          "the table reads as itself");
}

void check_description(std::string_view comment) {
  const auto described = [&](std::string_view mode, std::string_view from) {
    const auto cql = fmt::format(
        "CREATE TABLE a.b (\"{}\" int) WITH comment = {} AND transactional_mode = {} "
        "AND transactional_migration_from = {};",
        comment, cassandra::text_literal(comment), cassandra::text_literal(mode),
        cassandra::text_literal(from));
    return cassandra::describes_transactions(cql);
  };
  // As the name of a column, where a quote would have to be doubled.
  if (comment.find('"') != std::string_view::npos) return;
  require(!described("off", "none"), "a comment does not make a table transactional");
  require(described("full", "none"), "a comment does not hide that a table is transactional");
  require(described("off", "full"), "a comment does not hide that a table was transactional");
}

}  // namespace

void check(std::string_view input) {
  check_name(input, 48, cassandra::folded_keyspace);
  check_name(input, 222, cassandra::folded_table);
  require(reads_as(cassandra::text_literal(input), '\'', input), "a text reads as itself");
  check_description(input);
  static_cast<void>(cassandra::describes_transactions(input));
}

}  // namespace bytestore::fuzz
