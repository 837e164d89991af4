// Limits that operators set, to a role that they hold for and to one that they do not.

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cassandra_test.hpp"
#include "support/kept_log.hpp"

namespace bytestore {
namespace {

using ::testing::AllOf;
using testing::batch_error_of;
using ::testing::Each;
using testing::entries_of;
using testing::error_of;
using ::testing::Field;
using ::testing::HasSubstr;
using testing::noise;
using testing::numbered_keys;
using ::testing::SizeIs;
using testing::text;

/// On a server that allows an ordinary role 20 keys in a SELECT, values of 1 MiB, no writes at
/// LOCAL_ONE and no new tables; and anybody mutations of 2 MiB.
class GuardrailsTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kMiB = std::size_t{1} << 20;

  void SetUp() override { ask("CREATE TABLE " + qualified() + layout); }

  static CassandraSessionOptions superuser() {
    auto options = cassandra::server();
    options.username = testing::cassandra_server().superuser;
    options.password = testing::cassandra_server().superuser_password;
    return options;
  }

  static std::shared_ptr<CassandraSession> connect(CassandraSessionOptions options) {
    options.keyspace = "bytestore_test";
    return CassandraSession::connect(options);
  }

  void ask(const std::string& cql) { cassandra::value_of(cassandra::query(*boss, cql)); }
  [[nodiscard]] std::string qualified() const { return "bytestore_test." + table; }

  [[nodiscard]] CassandraByteStore store() const {
    return CassandraByteStore(table, {.session = session});
  }

  const std::string layout = " (row_id TEXT PRIMARY KEY, body_blob BLOB)";
  std::unique_ptr<cassandra::DriverSession> boss = cassandra::connected(superuser());
  std::shared_ptr<CassandraSession> session = connect(cassandra::server());
  const std::string table = testing::new_table_name();
};

TEST_F(GuardrailsTest, ALimitOfKeysIsMetOnceAndNamedInTheLog) {
  const auto keys = numbered_keys("key", 1'000);
  store().mset(entries_of(keys));
  const auto requests_of = [&](const CassandraOptions& options) {
    CassandraByteStore reader(table, options);
    for (int call = 0; call < 25; ++call) {
      EXPECT_THAT(reader.mget(keys), Each(::testing::Ne(std::nullopt)));
    }
    return reader.stats().mget.requests;
  };
  const auto log = std::make_shared<testing::KeptLog>();
  auto logged = cassandra::server();
  logged.log = [log](std::string_view message) { log->add(message); };
  const auto learnt = requests_of({.session = connect(logged)});
  const auto told = requests_of({.session = session, .read_group_keys = 20});
  EXPECT_LE(learnt * 10, told * 12);
  EXPECT_THAT(log->first() + log->second(),
              AllOf(HasSubstr("Guardrail partition_keys_in_select violated"),
                    HasSubstr("have 20 keys at most from now on")));
}

TEST_F(GuardrailsTest, WhatIsForbiddenToAllKeysIsRefusedOnce) {
  CassandraByteStore hasty(table, {.session = session, .consistency = Consistency::local_one});
  const auto error = batch_error_of([&] { hasty.mset(entries_of(numbered_keys("key", 100))); });
  EXPECT_THAT(error.failures(), SizeIs(100));
  EXPECT_THAT(error.failures(),
              Each(AllOf(Field(&KeyFailure::code, ErrorCode::unauthorized),
                         Field(&KeyFailure::outcome, Outcome::failed),
                         Field(&KeyFailure::message,
                               AllOf(HasSubstr("a guardrail of the server forbids the request"),
                                     HasSubstr("Guardrail write_consistency_levels violated"))))));
  EXPECT_EQ(hasty.stats().mset.requests, 10U) << "one for each group";
  EXPECT_THAT(hasty.mget({"key0"}), Each(std::nullopt)) << "it is only for writes";
}

TEST_F(GuardrailsTest, ATableThatMayNotBeMadeIsToldInTheServersWords) {
  const auto error =
      error_of([&] { CassandraByteStore("another_" + table, {.session = session}); });
  EXPECT_EQ(error.code(), ErrorCode::unauthorized);
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr("Guardrail tables violated"), ::testing::Not(HasSubstr("layout"))));
}

TEST_F(GuardrailsTest, AValueThatIsForbiddenFailsAlone) {
  auto limited = store();
  const auto large = noise(kMiB + 1, 1);
  const auto error = batch_error_of(
      [&] { limited.mset({{"before", text("1")}, {"large", large}, {"after", text("2")}}); });
  ASSERT_THAT(error.failures(), SizeIs(1));
  EXPECT_EQ(error.failures()[0].key, "large");
  EXPECT_EQ(error.failures()[0].code, ErrorCode::too_large);
  EXPECT_EQ(error.failures()[0].outcome, Outcome::failed);
  EXPECT_THAT(error.failures()[0].message, HasSubstr("column_value_size"));
  EXPECT_EQ(limited.mget({"before", "large", "after"}),
            (ByteStore::Values{text("1"), std::nullopt, text("2")}));
}

TEST_F(GuardrailsTest, AValueThatAnIndexRefusesFailsAlone) {
  ask("CREATE INDEX ON " + qualified() + " (body_blob)");
  auto indexed = store();
  const auto error =
      batch_error_of([&] { indexed.mset({{"small", text("1")}, {"large", noise(65'536, 1)}}); });
  ASSERT_THAT(error.failures(), SizeIs(1));
  EXPECT_EQ(error.failures()[0].key, "large");
  EXPECT_EQ(error.failures()[0].code, ErrorCode::too_large);
  EXPECT_EQ(error.failures()[0].outcome, Outcome::failed);
  EXPECT_THAT(error.failures()[0].message, HasSubstr("Cannot index value of size 65536"));
  EXPECT_EQ(indexed.mget({"small"})[0], text("1"));
}

/// On that server, and on one of 4.0 with the same limit, which it tells only when it is asked.
using MutationLimitTest = GuardrailsTest;

TEST_F(MutationLimitTest, OverItAValueIsTooLargeAtOnce) {
  CassandraByteStore unlimited(table, {.session = connect(superuser())});
  std::vector<std::size_t> sizes{3 * kMiB, 15 * kMiB, 17 * kMiB};
  // Near the limit, servers refuse a request before they look at it, or the mutation that it makes.
  for (std::size_t less = 0; less <= 200; less += 8) sizes.push_back(2 * kMiB - less);
  std::size_t stored = 0;
  for (const std::size_t size : sizes) {
    SCOPED_TRACE(size);
    const auto value = noise(size, size);
    try {
      unlimited.mset({{"key", value}});
      EXPECT_LT(size, 2 * kMiB);
      EXPECT_EQ(unlimited.mget({"key"})[0], value);
      ++stored;
    } catch (const BatchError& error) {
      EXPECT_EQ(error.code(), ErrorCode::too_large) << error.failures()[0].message;
      EXPECT_EQ(error.failures()[0].outcome, Outcome::failed);
    }
  }
  EXPECT_GT(stored, 0U);
  EXPECT_EQ(unlimited.stats().mset.requests, sizes.size()) << "nothing is sent twice";
}

}  // namespace
}  // namespace bytestore
