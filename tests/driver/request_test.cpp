// One attempt at a request, and what comes back.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "cassandra/cql/big_endian.hpp"
#include "driver_test.hpp"

namespace bytestore::cassandra {
namespace {

using namespace std::string_view_literals;

std::span<const std::byte> blob(std::string_view text) { return as_bytes(text); }

class RequestTest : public TableTest {
 protected:
  void put(std::string_view key, std::string_view value, const RequestOptions& options = {}) {
    value_of(execute(*session, *insert(), {key, blob(value)}, options));
  }

  Rows get(std::string_view key) { return value_of(execute(*session, *select(), {key})); }

  /// Fails unless the statement does with `code`; returns the error.
  DriverError refused(std::string_view cql, DriverErrorCode code,
                      const RequestOptions& options = {}) {
    const DriverError error = error_of(query(*session, cql, options));
    EXPECT_EQ(error.code, code) << error.message;
    EXPECT_FALSE(error.message.empty());
    return error;
  }
};

TEST_F(RequestTest, ValuesRoundTrip) {
  const std::string large(1 << 20, 'x');
  for (const std::string_view value : {"value"sv, ""sv, "\0\xff"sv, std::string_view(large)}) {
    put("key", value);
    const Rows rows = get("key");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.value(0, 0), Bytes::copy(value));
  }
}

TEST_F(RequestTest, KeysAreBytesToTheDriver) {
  for (const std::string_view key : {"a\0b"sv, "\xc3\xa9"sv, "e\xcc\x81"sv}) {
    put(key, key);
    EXPECT_EQ(get(key).text(0, 0), key);
  }
}

TEST_F(RequestTest, AnAbsentRowAndANullAreTold) {
  EXPECT_EQ(get("absent").size(), 0U);
  value_of(query(*session, "INSERT INTO bytestore_driver.kv (row_id) VALUES ('null')"));
  ASSERT_EQ(get("null").size(), 1U);
  EXPECT_FALSE(get("null").cell(0, 0).has_value());
}

TEST_F(RequestTest, AWriteAnswersWithNoRows) {
  const Rows rows = value_of(execute(*session, *insert(), {"key"sv, blob("value")}));
  EXPECT_EQ(rows.size(), 0U);
  EXPECT_EQ(rows.columns(), 0U);
}

TEST_F(RequestTest, ValuesShareTheFrameAndOutliveTheSession) {
  const std::string large(100'000, 'x');
  put("key", large);
  Rows rows = get("key");
  const auto cell = rows.cell(0, 0);
  const Bytes value = rows.value(0, 0).value();
  EXPECT_EQ(value.data(), cell->data()) << "it was copied";
  rows = Rows{};
  session.reset();
  EXPECT_EQ(value.view(), large);
  session = connected();
}

TEST_F(RequestTest, AListAndALimitAreBound) {
  put("a", "1");
  put("b", "2");
  put("c", "3");
  const auto in = prepared(
      *session, "SELECT row_id, body_blob FROM bytestore_driver.kv WHERE row_id IN ? LIMIT ?");
  const std::array<std::string_view, 4> keys{"a", "b", "", "c"};
  const std::span<const std::string_view> three = std::span(keys).first(2);
  Rows rows = value_of(execute(*session, *in, {three, std::int32_t{32}}));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.columns(), 2U);
  EXPECT_EQ(rows.text(0, 0), "a");
  EXPECT_EQ(rows.text(1, 1), "2");
  const std::array<std::string_view, 3> all{"a", "b", "c"};
  rows =
      value_of(execute(*session, *in, {std::span<const std::string_view>(all), std::int32_t{1}}));
  EXPECT_EQ(rows.size(), 1U);
}

TEST_F(RequestTest, PagesAreFollowedToTheEnd) {
  for (int i = 0; i != 10; ++i) put("key" + std::to_string(i), "value");
  const auto scan = prepared(*session,
                             "SELECT DISTINCT row_id FROM bytestore_driver.kv "
                             "WHERE token(row_id) > ? AND token(row_id) <= ?");
  std::vector<std::string> keys;
  std::string state;
  int pages = 0;
  do {
    RequestOptions options;
    options.page_size = 4;
    options.paging_state = state;
    const Rows rows = value_of(
        execute(*session, *scan, {std::int64_t{INT64_MIN}, std::int64_t{INT64_MAX}}, options));
    for (std::size_t row = 0; row != rows.size(); ++row) keys.emplace_back(rows.text(row, 0));
    state = rows.paging_state();
    ++pages;
  } while (!state.empty());
  std::ranges::sort(keys);
  EXPECT_EQ(keys.size(), 10U);
  EXPECT_TRUE(std::ranges::adjacent_find(keys) == keys.end());
  EXPECT_GE(pages, 3);
}

TEST_F(RequestTest, ABatchWritesAllRows) {
  std::vector<std::string> keys;
  for (int i = 0; i != 30; ++i) keys.push_back("key" + std::to_string(i));
  std::vector<Value> values;
  for (const std::string& key : keys) {
    values.emplace_back(std::string_view(key));
    values.emplace_back(blob(key));
  }
  value_of(execute_batch(*session, *insert(), values));
  for (const std::string& key : keys) EXPECT_EQ(get(key).text(0, 0), key);
}

TEST_F(RequestTest, WarningsOfTheServerArrive) {
  const std::string value(1000, 'x');
  std::vector<std::string> keys;
  for (int i = 0; i != 20; ++i) keys.push_back("key" + std::to_string(i));
  std::vector<Value> values;
  for (const std::string& key : keys) {
    values.emplace_back(std::string_view(key));
    values.emplace_back(blob(value));
  }
  const Rows rows = value_of(execute_batch(*session, *insert(), values));
  ASSERT_FALSE(rows.warnings().empty()) << "a batch over 5 KiB is worth one";
  EXPECT_NE(rows.warnings()[0].find("atch"), std::string::npos) << rows.warnings()[0];
}

TEST_F(RequestTest, TheTimestampDecides) {
  RequestOptions options;
  options.timestamp = 2000;
  put("key", "later", options);
  options.timestamp = 1000;
  put("key", "earlier", options);
  EXPECT_EQ(get("key").text(0, 0), "later");
  const std::vector<Value> row{"key"sv, blob("batched")};
  value_of(execute_batch(*session, *insert(), row, options));
  EXPECT_EQ(get("key").text(0, 0), "later");
  options.timestamp = 3000;
  value_of(execute_batch(*session, *insert(), row, options));
  EXPECT_EQ(get("key").text(0, 0), "batched");
}

TEST_F(RequestTest, WrongValuesAreRefusedBeforeTheyAreSent) {
  const auto statement = insert();
  const std::vector<std::vector<Value>> wrong{{}, {"key"sv}, {"key"sv, blob("v"), blob("v")}};
  for (const auto& values : wrong) {
    for (const auto& result :
         {execute(*session, *statement, values), execute_batch(*session, *statement, values)}) {
      const DriverError error = error_of(result);
      EXPECT_EQ(error.code, DriverErrorCode::bad_argument) << error.message;
      EXPECT_FALSE(error.maybe_sent);
    }
  }
  RequestOptions options;
  options.page_size = -1;
  EXPECT_EQ(error_of(execute(*session, *statement, {"key"sv, blob("v")}, options)).code,
            DriverErrorCode::bad_argument);
}

TEST_F(RequestTest, WhatAServerRefusesHasACode) {
  refused("SELEKT", DriverErrorCode::syntax);
  refused("SELECT * FROM bytestore_driver.nothing", DriverErrorCode::unknown_table);
  refused("CREATE TABLE bytestore_driver.kv (row_id TEXT PRIMARY KEY)",
          DriverErrorCode::already_exists);
}

TEST_F(RequestTest, TooFewReplicasAreCounted) {
  RequestOptions options;
  options.consistency = Consistency::three;
  const DriverError error =
      refused("SELECT * FROM bytestore_driver.kv", DriverErrorCode::unavailable, options);
  EXPECT_EQ(error.received, 1);
  EXPECT_EQ(error.required, 3);
}

TEST_F(RequestTest, WhatIsTooLargeIsTold) {
  const std::string huge(17 << 20, 'x');
  const DriverError value = error_of(execute(*session, *insert(), {"key"sv, blob(huge)}));
  EXPECT_EQ(value.code, DriverErrorCode::too_large) << value.message;
  const std::string key(65'536, 'k');
  const DriverError long_key =
      error_of(execute(*session, *insert(), {std::string_view(key), blob("v")}));
  EXPECT_EQ(long_key.code, DriverErrorCode::too_large) << long_key.message;
  const std::string half(30'000, 'x');
  const DriverError batch =
      error_of(execute_batch(*session, *insert(), {"a"sv, blob(half), "b"sv, blob(half)}));
  EXPECT_EQ(batch.code, DriverErrorCode::too_large) << batch.message;
}

TEST_F(RequestTest, AStatementOfATableThatCameAndWentIsPreparedAnew) {
  constexpr auto kCreate = "CREATE TABLE bytestore_driver.fleeting (row_id TEXT PRIMARY KEY)"sv;
  value_of(query(*session, "DROP TABLE IF EXISTS bytestore_driver.fleeting"));
  value_of(query(*session, kCreate));
  const auto statement =
      prepared(*session, "INSERT INTO bytestore_driver.fleeting (row_id) VALUES (?)");
  value_of(execute(*session, *statement, {"key"sv}));
  value_of(query(*session, "DROP TABLE bytestore_driver.fleeting"));
  const DriverError gone = error_of(execute(*session, *statement, {"key"sv}));
  EXPECT_EQ(gone.code, DriverErrorCode::unknown_table) << gone.message;
  value_of(query(*session, kCreate));
  value_of(execute(*session, *statement, {"key"sv}));
  value_of(query(*session, "DROP TABLE bytestore_driver.fleeting"));
}

TEST_F(RequestTest, TheChosenReplicaServes) {
  const auto nodes = session->topology("system", "local", "")->nodes();
  ASSERT_FALSE(nodes.empty());
  RequestOptions options;
  options.replicas = {&nodes[0].id, 1};
  options.others_may_serve = false;
  put("key", "value", options);
  EXPECT_EQ(get("key").text(0, 0), "value");
}

TEST_F(RequestTest, OthersServeOnlyIfTheyMay) {
  const NodeId unknown{.high = 1, .low = 2};
  RequestOptions options;
  options.replicas = {&unknown, 1};
  put("key", "value", options);
  EXPECT_EQ(get("key").text(0, 0), "value");
  options.others_may_serve = false;
  const DriverError error = error_of(execute(*session, *insert(), {"key"sv, blob("v")}, options));
  EXPECT_EQ(error.code, DriverErrorCode::no_connection);
  EXPECT_FALSE(error.maybe_sent);
}

TEST_F(RequestTest, AnAttemptEndsInTime) {
  Proxy proxy = proxied_server();
  const auto slow = connected(through(proxy));
  const auto statement =
      prepared(*slow, "INSERT INTO bytestore_driver.kv (row_id, body_blob) VALUES (?, ?)");
  proxy.stall();
  RequestOptions options;
  options.timeout = std::chrono::milliseconds{200};
  const std::vector<Value> row{"key"sv, blob("value")};
  for (const auto& result :
       {execute(*slow, *statement, row, options), execute_batch(*slow, *statement, row, options),
        query(*slow, "SELECT key FROM system.local", options)}) {
    const DriverError error = error_of(result);
    EXPECT_EQ(error.code, DriverErrorCode::attempt_timeout) << error.message;
    EXPECT_TRUE(error.maybe_sent);
  }
}

TEST_F(RequestTest, ABrokenConnectionMayHaveCarriedTheRequest) {
  Proxy proxy = proxied_server();
  const auto cut = connected(through(proxy));
  proxy.stall();
  core::WaitingSink<Result<Rows>> sink;
  cut->query("SELECT key FROM system.local", {}, sink);
  // Whether it is on its way already or not: it was not certainly kept back.
  std::this_thread::sleep_for(std::chrono::milliseconds{50});
  proxy.cut();
  const DriverError broken = error_of(sink.wait());
  EXPECT_EQ(broken.code, DriverErrorCode::connection_broken) << broken.message;
  EXPECT_TRUE(broken.maybe_sent);
  // And once there is no connection, nothing is sent.
  DriverError none;
  for (int i = 0; i != 500; ++i) {
    none = error_of(query(*cut, "SELECT key FROM system.local"));
    if (none.code == DriverErrorCode::no_connection) break;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  EXPECT_EQ(none.code, DriverErrorCode::no_connection) << none.message;
  EXPECT_FALSE(none.maybe_sent);
}

}  // namespace
}  // namespace bytestore::cassandra
