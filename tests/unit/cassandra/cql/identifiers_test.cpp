#include "cassandra/cql/identifiers.hpp"

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

}  // namespace
}  // namespace bytestore::cassandra
