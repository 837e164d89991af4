// Statements that a server prepares under another id than before.

#include <gtest/gtest.h>

#include "driver_test.hpp"

namespace bytestore::cassandra {
namespace {

using namespace std::string_view_literals;

class StatementIdTest : public TableTest {};

TEST_F(StatementIdTest, WhatTheServerKnowsByAnotherOneIsNotRun) {
  constexpr auto kWithout = "DROP TABLE IF EXISTS bytestore_driver.renamed";
  value_of(query(*session, kWithout));
  value_of(query(
      *session, "CREATE TABLE bytestore_driver.renamed (row_id TEXT PRIMARY KEY, body_blob BLOB)"));
  Proxy proxy = proxied_server();
  const auto other = connected(through(proxy));
  constexpr auto kInsert =
      "INSERT INTO bytestore_driver.renamed (row_id, body_blob) VALUES (?, ?) /* old */";
  const std::vector<Value> row{"key"sv, as_bytes("value")};
  const auto old = prepared(*other, kInsert);
  // The server forgets its statements of the table, and is then sent others for them.
  value_of(query(*session, "ALTER TABLE bytestore_driver.renamed ADD more INT"));
  proxy.replace("/* old */", "/* new */");
  for (const auto& result : {execute(*other, *old, row), execute_batch(*other, *old, row)}) {
    const DriverError error = error_of(result);
    EXPECT_EQ(error.code, DriverErrorCode::other_id) << error.message;
    EXPECT_FALSE(error.maybe_sent);
  }
  EXPECT_EQ(value_of(query(*session, "SELECT row_id FROM bytestore_driver.renamed")).size(), 0U);
  value_of(execute(*other, *prepared(*other, kInsert), row));
  EXPECT_EQ(value_of(query(*session, "SELECT row_id FROM bytestore_driver.renamed")).size(), 1U);
  value_of(query(*session, kWithout));
}

}  // namespace
}  // namespace bytestore::cassandra
