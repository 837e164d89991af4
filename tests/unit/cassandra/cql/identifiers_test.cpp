#include "cassandra/cql/identifiers.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cassandra/cql/statements.hpp"
#include "support/errors.hpp"

namespace bytestore::cassandra {
namespace {

TEST(Identifiers, FoldLikeUnquotedCql) {
  EXPECT_EQ(folded_table("Upper_1"), "upper_1");
  EXPECT_EQ(folded_keyspace("\"Upper_1\""), "Upper_1");
  EXPECT_EQ(folded_keyspace("select"), "select");
}

TEST(Identifiers, AreRefusedUnlessTheyAreNames) {
  for (const std::string name :
       {"", "\"\"", "\"", "a b", "a\"b", "a;b", "a.b", "a-b", "\"a", "a\"", "\xc3\xa9"}) {
    const auto error = testing::error_of([&] { static_cast<void>(folded_keyspace(name)); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << name;
    EXPECT_NE(std::string_view(error.what()).find("keyspace"), std::string_view::npos);
    EXPECT_EQ(testing::code_of([&] { static_cast<void>(folded_table(name)); }),
              ErrorCode::invalid_argument);
  }
}

TEST(Identifiers, OfKeyspacesHaveAtMost48BytesAndOfTables222) {
  const auto check = [](auto fold, std::size_t most) {
    EXPECT_EQ(fold(std::string(most, 'a')), std::string(most, 'a'));
    EXPECT_EQ(fold('"' + std::string(most, 'A') + '"'), std::string(most, 'A'));
    const auto error =
        testing::error_of([&] { static_cast<void>(fold(std::string(most + 1, 'a'))); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_NE(std::string_view(error.what()).find("1 to " + std::to_string(most) + " letters"),
              std::string_view::npos);
  };
  check(folded_keyspace, 48);
  check(folded_table, 222);
}

TEST(Statements, QuoteTheirNames) {
  const TableName name{.keyspace = "app", .table = "Select"};
  EXPECT_EQ(name.cql(), "\"app\".\"Select\"");
  EXPECT_EQ(create_cql(name),
            "CREATE TABLE IF NOT EXISTS \"app\".\"Select\" "
            "(row_id TEXT, body_blob BLOB, PRIMARY KEY (row_id))");
  for (const auto& cql : {select_cql(name), insert_cql(name), delete_cql(name), list_cql(name)}) {
    EXPECT_NE(cql.find(name.cql()), std::string::npos) << cql;
  }
}

TEST(Statements, AreNotTransactionalByAText) {
  const auto is_transactional = [](std::string_view column, std::string_view comment,
                                   std::string_view mode) {
    return describes_transactions(fmt::format(
        "CREATE TABLE app.kv (\n    row_id text PRIMARY KEY,\n    \"{}\" blob\n) WITH "
        "additional_write_policy = '99p'\n    AND comment = {}\n    AND transactional_mode = '{}'"
        "\n    AND transactional_migration_from = 'none';",
        column, text_literal(comment), mode));
  };
  for (const std::string_view text :
       {" transactional_mode = ", "\n    AND transactional_mode = ", "' transactional_mode = ",
        " transactional_mode = 'full'", " transactional_migration_from = ", "x' AND y = '"}) {
    EXPECT_FALSE(is_transactional("body_blob", text, "off")) << text;
    EXPECT_FALSE(is_transactional(text, "", "off")) << text;
    EXPECT_TRUE(is_transactional(text, text, "full")) << text;
  }
}

}  // namespace
}  // namespace bytestore::cassandra
