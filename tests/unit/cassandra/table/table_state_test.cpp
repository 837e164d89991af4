#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cassandra/table/table_setup.hpp"
#include "support/errors.hpp"
#include "unit/support/table_name.hpp"

namespace bytestore::cassandra {
namespace {

const Column kKey{.name = "row_id", .type = "text", .kind = ColumnKind::partition_key};
const Column kValue{.name = "body_blob", .type = "blob", .kind = ColumnKind::regular};

TableState state_with(std::vector<Column> columns) {
  return state_of({.keyspace_exists = true, .exists = true, .columns = std::move(columns)}, kName);
}

TEST(TableStateTest, TheTableOfLangChainIsReady) {
  EXPECT_TRUE(std::holds_alternative<TableIsReady>(state_with({kKey, kValue})));
  EXPECT_TRUE(std::holds_alternative<TableIsReady>(
      state_with({kValue, {.name = "note", .type = "int"}, kKey})));
}

TEST(TableStateTest, KeysMayBeAscii) {
  const auto layout = [](std::string type) {
    const Column key{.name = "row_id", .type = std::move(type), .kind = ColumnKind::partition_key};
    return std::get<TableIsReady>(state_with({key, kValue})).layout;
  };
  EXPECT_TRUE(layout("ascii").has_ascii_keys);
  EXPECT_FALSE(layout("text").has_ascii_keys);
  EXPECT_FALSE(layout("ascii").has_static_values);
}

TEST(TableStateTest, ValuesMayBeStatic) {
  const Column value{.name = "body_blob", .type = "blob", .kind = ColumnKind::static_column};
  const Column clustering{.name = "column1", .type = "text", .kind = ColumnKind::clustering};
  const std::vector<std::vector<Column>> tables{
      {kKey, value, clustering},                                       // by hand
      {kKey, value, clustering, {.name = "value", .type = "blob"}},    // WITH COMPACT STORAGE
      {kKey, value, clustering, {.name = "value", .type = "empty"}}};  // once
  for (const auto& columns : tables) {
    const auto state = state_with(columns);
    ASSERT_TRUE(std::holds_alternative<TableIsReady>(state));
    EXPECT_TRUE(std::get<TableIsReady>(state).layout.has_static_values);
  }
}

TEST(TableStateTest, AMissingTableIsCreatedInAKeyspaceThatIsThere) {
  EXPECT_TRUE(std::holds_alternative<TableIsMissing>(
      state_of({.keyspace_exists = true, .exists = false, .columns = {}}, kName)));
  const auto state = state_of({.keyspace_exists = false, .exists = false, .columns = {}}, kName);
  EXPECT_EQ(std::get<Error>(state).code(), ErrorCode::schema);
  EXPECT_NE(std::string_view(std::get<Error>(state).what()).find("\"app\""),
            std::string_view::npos);
}

TEST(TableStateTest, TheNameOfAViewIsNotFree) {
  const auto state =
      state_of({.keyspace_exists = true, .exists = false, .is_view = true, .columns = {}}, kName);
  ASSERT_TRUE(std::holds_alternative<Error>(state));
  EXPECT_EQ(std::get<Error>(state).code(), ErrorCode::schema);
  EXPECT_THAT(std::get<Error>(state).what(), ::testing::HasSubstr("materialized view"));
}

TEST(TableStateTest, ATableWithoutColumnsIsJustBeingCreated) {
  EXPECT_TRUE(std::holds_alternative<TableHasNoColumns>(state_with({})));
}

TEST(TableStateTest, OtherColumnsAreRefused) {
  const std::vector<std::vector<Column>> wrong{
      {kKey},
      {kValue},
      {kKey, {.name = "body_blob", .type = "text"}},
      {{.name = "row_id", .type = "blob", .kind = ColumnKind::partition_key}, kValue},
      {{.name = "row_id", .type = "text", .kind = ColumnKind::clustering}, kValue},
      {kKey, kValue, {.name = "part", .type = "int", .kind = ColumnKind::partition_key}},
      {kKey, kValue, {.name = "at", .type = "int", .kind = ColumnKind::clustering}},
      {kKey, {.name = "body_blob", .type = "text", .kind = ColumnKind::static_column}},
      {kKey, {.name = "body_blob", .type = "blob", .kind = ColumnKind::clustering}},
      {{.name = "row_id", .type = "ascii", .kind = ColumnKind::clustering}, kValue},
  };
  for (const auto& columns : wrong) {
    const auto state = state_with(columns);
    ASSERT_TRUE(std::holds_alternative<Error>(state)) << columns.size();
    EXPECT_EQ(std::get<Error>(state).code(), ErrorCode::schema);
  }
}

}  // namespace
}  // namespace bytestore::cassandra
