// Keys that share requests, on a real server.

#include <fstream>

#include "cassandra_test.hpp"

namespace bytestore {
namespace {

using testing::code_of;
using testing::entries_of;
using testing::error_of;
using testing::noise;
using testing::numbered_keys;
using testing::text;

class GroupsTest : public CassandraTest, public ::testing::WithParamInterface<Grouping> {
 protected:
  CassandraByteStore grouped() const {
    return CassandraByteStore(table, {.session = session, .grouping = GetParam()});
  }

  /// The lines of the server's log that warn of batches on the table.
  [[nodiscard]] std::vector<std::string> batch_warnings() const {
    std::vector<std::string> found;
    std::ifstream log(testing::cassandra_server().log);
    if (!log) throw std::runtime_error("the server's log cannot be read");
    for (std::string line; std::getline(log, line);) {
      if (line.find("WARN") == std::string::npos || line.find(table) == std::string::npos) continue;
      if (line.find("atch") != std::string::npos) found.push_back(line);
    }
    return found;
  }
};

TEST_P(GroupsTest, ValuesOfAllSizesAreWrittenReadAndDeletedInOneCall) {
  auto store = grouped();
  const std::vector<std::size_t> sizes{0, 1, 100, 1'000, 2'400, 4'990, 5'000, 20'000, 300'000};
  std::vector<std::string> keys;
  std::vector<Entry> entries;
  ByteStore::Values values;
  for (std::size_t i = 0; i < 300; ++i) {
    keys.push_back("k\u00e9y " + std::to_string(i));
    values.emplace_back(noise(sizes[i % sizes.size()], i));
    entries.push_back({keys.back(), *values.back()});
  }
  store.mset(entries);
  for (int round = 0; round < 3; ++round) EXPECT_EQ(store.mget(keys), values);
  store.mdelete(keys);
  EXPECT_EQ(store.mget(keys), ByteStore::Values(keys.size()));
}

TEST_P(GroupsTest, NoBatchMakesTheServerWarn) {
  auto store = grouped();
  const auto keys = numbered_keys("key", 2'000);
  for (const std::size_t bytes : {0U, 10U, 400U, 1'024U, 4'900U}) {
    std::vector<Entry> entries;
    for (const auto& key : keys) entries.push_back({key, noise(bytes, bytes)});
    store.mset(entries);
  }
  EXPECT_THAT(batch_warnings(), ::testing::IsEmpty());
}

TEST_P(GroupsTest, NoValueIsLostToABorderOfAPage) {
  auto store = grouped();
  const auto keys = numbered_keys("key", 200);
  std::vector<Entry> entries;
  ByteStore::Values values;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i % 3 == 0) {
      values.emplace_back();
    } else {
      values.emplace_back(noise(i * 40, i));
      entries.push_back({keys[i], *values.back()});
    }
  }
  store.mset(entries);
  for (int round = 0; round < 5; ++round) EXPECT_EQ(store.mget(keys), values);
}

TEST_P(GroupsTest, OfATableWithSeveralRowsForAKeyNothingIsLeftOut) {
  const std::string several = qualified_table();
  ask("CREATE TABLE " + several +
      " (row_id text, version int, body_blob blob, PRIMARY KEY (row_id, version))");
  for (const auto* const row : {"'a', 1, 0x31", "'a', 2, 0x32", "'b', 1, 0x33", "'d', 1, null",
                                "'d', 2, 0x34", "'e', 1, 0x35", "'e', 2, 0x35"}) {
    ask("INSERT INTO " + several + " (row_id, version, body_blob) VALUES (" + row + ")");
  }
  CassandraByteStore store(
      table, {.session = session, .setup_mode = SetupMode::off, .grouping = GetParam()});
  const std::vector<std::string> keys{"a", "b", "c", "d", "e"};
  for (int round = 0; round < 3; ++round) {
    const auto error = testing::batch_error_of([&] { store.mget(keys); });
    EXPECT_EQ(error.values()[1], text("3"));
    EXPECT_EQ(error.values()[2], std::nullopt);
    EXPECT_EQ(error.values()[4], text("5"));
    ASSERT_EQ(error.failures().size(), 2U);
    EXPECT_EQ(error.failures()[0].key, "a");
    EXPECT_EQ(error.failures()[1].key, "d");
    for (const auto& failure : error.failures()) EXPECT_EQ(failure.code, ErrorCode::schema);
  }
}

INSTANTIATE_TEST_SUITE_P(Grouping, GroupsTest,
                         ::testing::Values(Grouping::replica_set, Grouping::off),
                         [](const auto& test) {
                           return test.param == Grouping::off ? "off" : "replica_set";
                         });

class GroupOptionsTest : public CassandraTest {};

TEST_F(GroupOptionsTest, BatchesOverTheWarningAreSeenInTheLog) {
  CassandraByteStore store(table, {.session = session, .write_group_bytes = 20'000});
  std::vector<Entry> entries;
  for (const auto& key : numbered_keys("key", 20)) entries.push_back({key, noise(1'024, 1)});
  store.mset(entries);
  std::ifstream log(testing::cassandra_server().log);
  const std::string content{std::istreambuf_iterator<char>(log), {}};
  EXPECT_THAT(content, ::testing::ContainsRegex("WARN.*atch.*" + table))
      << "else the test that none is there proves nothing";
}

TEST_F(GroupOptionsTest, AreCheckedBeforeAnything) {
  const auto refused = [&](const CassandraOptions& options) {
    const auto error = error_of([&] { CassandraByteStore(table, options); });
    EXPECT_THAT(error.what(), ::testing::HasSubstr("must be from 1 to"));
    return error.code();
  };
  EXPECT_EQ(refused({.session = session, .read_group_keys = 0}), ErrorCode::invalid_argument);
  EXPECT_EQ(refused({.session = session, .read_group_keys = 101}), ErrorCode::invalid_argument);
  EXPECT_EQ(refused({.session = session, .write_group_rows = 0}), ErrorCode::invalid_argument);
  EXPECT_EQ(refused({.session = session, .write_group_bytes = 0}), ErrorCode::invalid_argument);
  EXPECT_EQ(refused({.session = session, .response_target_bytes = 0}), ErrorCode::invalid_argument);
  EXPECT_FALSE(table_is_there());
}

}  // namespace
}  // namespace bytestore
