// What a store tells about itself, on a real server.

#include <memory>
#include <vector>

#include "cassandra_test.hpp"
#include "support/kept_log.hpp"

namespace bytestore {
namespace {

using std::chrono::microseconds;
using testing::code_of;
using testing::entries_of;
using ::testing::HasSubstr;
using testing::KeptLog;
using testing::noise;
using testing::numbered_keys;

class StatsTest : public CassandraTest {};

TEST_F(StatsTest, CountWhatTheVerbsDo) {
  auto kv = store();
  const auto keys = numbered_keys("key", 500);
  std::vector<Entry> entries;
  for (const auto& key : keys) entries.push_back({key, noise(100, 1)});
  kv.mset(entries);
  for (int round = 0; round < 3; ++round) kv.mget(keys);
  kv.mdelete(keys);
  const auto stats = kv.stats();
  EXPECT_EQ(stats.mset.calls, 1U);
  EXPECT_EQ(stats.mset.keys, 500U);
  EXPECT_EQ(stats.mset.requests, 50U) << "10 rows each";
  EXPECT_EQ(stats.mget.calls, 3U);
  EXPECT_EQ(stats.mget.keys, 1'500U);
  EXPECT_EQ(stats.mget.bytes_received, 3U * 500 * 100);
  EXPECT_EQ(stats.mget.call_latency.count, 3U);
  EXPECT_EQ(stats.mget.request_latency.count, stats.mget.requests);
  EXPECT_GT(stats.mget.call_latency.p50, microseconds{0});
  EXPECT_GE(stats.mget.call_latency.max, stats.mget.call_latency.p50);
  EXPECT_EQ(stats.mdelete.keys, 500U);
  EXPECT_EQ(stats.mset.retries + stats.mget.retries + stats.mdelete.retries, 0U);
  EXPECT_EQ(stats.server_warnings, 0U);
  EXPECT_GE(stats.window, 8U);
}

TEST_F(StatsTest, CountFailures) {
  auto kv = store(SetupMode::off);
  EXPECT_THROW(kv.mget({"a", "b"}), BatchError);
  EXPECT_EQ(kv.stats().mget.failures.at(ErrorCode::schema), 2U);
}

TEST_F(StatsTest, WarningsOfAServerAreCountedAndReachTheLog) {
  const auto log = std::make_shared<KeptLog>();  // which may be told of more after the test
  auto options = testing::session_options();
  options.log = [log](std::string_view message) { log->add(message); };
  const auto talkative = CassandraSession::connect(options);
  CassandraByteStore kv(table, {.session = talkative, .write_group_bytes = 20'000});
  std::vector<Entry> entries;
  for (const auto& key : numbered_keys("key", 10)) entries.push_back({key, noise(1'000, 1)});
  kv.mset(entries);
  EXPECT_EQ(kv.stats().server_warnings, 1U);
  EXPECT_THAT(log->first(), HasSubstr("a server warns of writing: Batch"));
}

TEST_F(StatsTest, ALogThatThrowsBreaksNoCall) {
  const auto log = std::make_shared<KeptLog>();
  auto options = testing::session_options();
  options.log = [log](std::string_view message) {
    log->add(message);
    throw 7;  // NOLINT(hicpp-exception-baseclass): anything may be thrown
  };
  const auto talkative = CassandraSession::connect(options);
  CassandraByteStore kv(table, {.session = talkative, .write_group_bytes = 20'000});
  std::vector<Entry> entries;
  for (const auto& key : numbered_keys("key", 10)) entries.push_back({key, noise(1'000, 1)});
  EXPECT_NO_THROW(kv.mset(entries));
  EXPECT_THAT(log->first(), HasSubstr("a server warns of writing: Batch"));
  EXPECT_NO_THROW(kv.mset(entries));
  EXPECT_EQ(kv.mget({entries[0].key})[0], entries[0].value);
  EXPECT_EQ(kv.stats().server_warnings, 2U);
}

TEST_F(StatsTest, AClosedStoreHasNone) {
  auto kv = store();
  kv.close();
  EXPECT_EQ(code_of([&] { static_cast<void>(kv.stats()); }), ErrorCode::cancelled);
}

TEST_F(StatsTest, AllVerbsWorkWithTheServersTime) {
  CassandraByteStore kv(table, {.session = session, .timestamps = Timestamps::server});
  ask("INSERT INTO " + qualified_table() +
      " (row_id, body_blob) VALUES ('a', 0x01) USING TIMESTAMP 1");
  kv.mset({{"a", as_bytes("later")}});
  EXPECT_EQ(kv.mget({"a"})[0]->view(), "later");
  kv.mdelete({"a"});
  EXPECT_FALSE(kv.mget({"a"})[0]);
}

TEST_F(StatsTest, StoresOfATableWithTimestampsOfTwoKindsAreAWarning) {
  const auto log = std::make_shared<KeptLog>();
  auto options = testing::session_options();
  options.log = [log](std::string_view message) { log->add(message); };
  const auto another = CassandraSession::connect(options);
  const auto kv = store();
  const CassandraByteStore second(table, {.session = another, .timestamps = Timestamps::server});
  EXPECT_THAT(log->first(), HasSubstr(table + "\" was opened with timestamps=server"));
}

}  // namespace
}  // namespace bytestore
