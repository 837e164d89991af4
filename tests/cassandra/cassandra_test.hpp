#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "bytestore/cassandra_byte_store.hpp"
#include "driver/driver_test.hpp"
#include "support/cassandra_server.hpp"
#include "support/errors.hpp"
#include "support/values.hpp"

namespace bytestore {

/// How long a test waits for what a server does in its own time.
inline constexpr std::chrono::minutes kPatience{2};

/// With a session, and the name of a table that is not there.
class CassandraTest : public ::testing::Test {
 protected:
  CassandraByteStore store(SetupMode mode = SetupMode::sync) const {
    return CassandraByteStore(table, {.session = session, .setup_mode = mode});
  }

  /// What the server answers, asked beside the store.
  cassandra::Rows ask(std::string_view cql) const {
    return cassandra::value_of(cassandra::query(*other, cql));
  }

  [[nodiscard]] std::string qualified_table() const { return "bytestore_test." + table; }

  [[nodiscard]] bool table_is_there() const {
    return ask("SELECT table_name FROM system_schema.tables WHERE keyspace_name = "
               "'bytestore_test' AND table_name = '" +
               table + "'")
               .size() == 1;
  }

  std::shared_ptr<CassandraSession> session = CassandraSession::connect(testing::session_options());
  std::string table = testing::new_table_name();
  std::unique_ptr<cassandra::DriverSession> other = cassandra::connected();
};

}  // namespace bytestore
