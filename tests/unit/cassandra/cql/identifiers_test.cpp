#include "cassandra/cql/identifiers.hpp"

#include <gtest/gtest.h>

#include "cassandra/cql/statements.hpp"
#include "support/errors.hpp"

namespace bytestore::cassandra {
namespace {

TEST(Identifiers, FoldLikeUnquotedCql) {
  EXPECT_EQ(folded_identifier("Upper_1", "table"), "upper_1");
  EXPECT_EQ(folded_identifier("\"Upper_1\"", "table"), "Upper_1");
  EXPECT_EQ(folded_identifier("select", "table"), "select");
}

TEST(Identifiers, AreRefusedUnlessTheyAreNames) {
  for (const std::string name :
       {"", "\"\"", "\"", "a b", "a\"b", "a;b", "a.b", "a-b", "\"a", "a\"", "\xc3\xa9"}) {
    const auto error =
        testing::error_of([&] { static_cast<void>(folded_identifier(name, "keyspace")); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << name;
    EXPECT_NE(std::string_view(error.what()).find("keyspace"), std::string_view::npos);
  }
}

TEST(Identifiers, HaveAtMost48Bytes) {
  EXPECT_EQ(folded_identifier(std::string(48, 'a'), "table"), std::string(48, 'a'));
  EXPECT_EQ(folded_identifier('"' + std::string(48, 'A') + '"', "table"), std::string(48, 'A'));
  EXPECT_EQ(
      testing::code_of([] { static_cast<void>(folded_identifier(std::string(49, 'a'), "table")); }),
      ErrorCode::invalid_argument);
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
