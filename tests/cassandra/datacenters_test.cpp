// Keyspaces with replicas in one of two datacenters, "east" and "west", of one node each.

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cassandra_test.hpp"
#include "support/kept_log.hpp"

namespace bytestore {
namespace {

using cassandra::value_of;
using ::testing::AllOf;
using testing::batch_error_of;
using testing::code_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::text;

constexpr std::string_view kInEast = "'class': 'NetworkTopologyStrategy', 'east': 1";
constexpr std::string_view kInBoth = "'class': 'NetworkTopologyStrategy', 'east': 1, 'west': 1";
constexpr auto kLocalLevels = {Consistency::local_quorum, Consistency::local_one};
constexpr auto kOtherLevels = {Consistency::one, Consistency::quorum, Consistency::each_quorum};

class DatacentersTest : public ::testing::Test {
 protected:
  void TearDown() override { change(fmt::format("DROP KEYSPACE IF EXISTS {}", keyspace)); }

  [[nodiscard]] CassandraSessionOptions options_in(const std::string& datacenter) const {
    auto options = testing::session_options();
    options.local_datacenter = datacenter;
    options.keyspace = keyspace;
    return options;
  }

  CassandraByteStore store_in(const std::string& datacenter, Consistency level,
                              SetupMode mode = SetupMode::sync) const {
    return CassandraByteStore("kv", {.session = CassandraSession::connect(options_in(datacenter)),
                                     .setup_mode = mode,
                                     .consistency = level});
  }

  /// Returns when both nodes know it.
  void change(const std::string& cql) const {
    const cassandra::RequestOptions options{.consistency = Consistency::one};
    value_of(cassandra::query(*west, cql, options));
    const auto version = [&](cassandra::DriverSession& session) {
      return std::string(
          value_of(cassandra::query(session, "SELECT schema_version FROM system.local", options))
              .text(0, 0));
    };
    while (version(*west) != version(*east)) {
    }
  }
  void create(std::string_view replication) const {
    change(fmt::format("CREATE KEYSPACE {} WITH replication = {{{}}}", keyspace, replication));
  }
  void alter(std::string_view replication) const {
    change(fmt::format("ALTER KEYSPACE {} WITH replication = {{{}}}", keyspace, replication));
  }

  [[nodiscard]] bool has_table() const {
    const auto rows = value_of(cassandra::query(
        *west,
        fmt::format("SELECT table_name FROM system_schema.tables WHERE keyspace_name = '{}'",
                    keyspace),
        {.consistency = Consistency::one}));
    return rows.size() != 0;
  }

  static void expect_refused(const Error& error, const std::string& keyspace) {
    EXPECT_EQ(error.code(), ErrorCode::schema) << error.what();
    EXPECT_THAT(error.what(),
                HasSubstr("keyspace " + keyspace +
                          " has no replicas in datacenter west (it has: east 1); connect with "
                          "local_datacenter=east"));
  }

  /// All that a store does.
  static void expect_works(CassandraByteStore& store) {
    store.mset({{"a", text("1")}, {"b", text("2")}, {"c", text("3")}});
    store.mdelete({"c"});
    EXPECT_THAT(store.mget({"a", "b", "c"}), ElementsAre(text("1"), text("2"), std::nullopt));
    std::size_t keys = 0;
    for ([[maybe_unused]] const auto& key : store.yield_keys()) ++keys;
    EXPECT_EQ(keys, 2U);
  }

  static std::unique_ptr<cassandra::DriverSession> connected_in(const std::string& datacenter) {
    auto config = cassandra::server();
    config.local_datacenter = datacenter;
    return cassandra::connected(config);
  }

  const std::unique_ptr<cassandra::DriverSession> east = connected_in("east");
  const std::unique_ptr<cassandra::DriverSession> west = connected_in("west");
  const std::string keyspace = testing::new_table_name();
};

TEST_F(DatacentersTest, AKeyspaceWithoutLocalReplicasIsRefusedBeforeATableIsMade) {
  create(kInEast);
  for (const auto level : kLocalLevels) {
    expect_refused(error_of([&] { store_in("west", level); }), keyspace);
    EXPECT_FALSE(has_table());
  }
  auto store = store_in("east", Consistency::local_quorum);
  expect_works(store);
  for (const auto level : kLocalLevels) {  // now that the table is there
    expect_refused(error_of([&] { store_in("west", level); }), keyspace);
  }
}

TEST_F(DatacentersTest, OneThatIsNewToTheSessionIsRefusedToo) {
  auto options = options_in("west");
  options.keyspace.clear();
  const auto session = CassandraSession::connect(options);
  create(kInEast);
  const auto open = [&](Consistency level) {
    return CassandraByteStore("kv",
                              {.session = session, .keyspace = keyspace, .consistency = level});
  };
  expect_refused(error_of([&] { open(Consistency::local_one); }), keyspace);
  open(Consistency::one).mset({{"a", text("1")}});
  expect_refused(error_of([&] { open(Consistency::local_one); }), keyspace);
}

TEST_F(DatacentersTest, LevelsThatCountAllDatacentersWorkWithoutLocalReplicas) {
  create(kInEast);
  for (const auto level : kOtherLevels) {
    auto store = store_in("west", level);
    expect_works(store);
    expect_refused(error_of([&] { static_cast<void>(store.estimate_keys()); }), keyspace);
  }
}

TEST_F(DatacentersTest, CallsOfAStoreThatLookedNothingUpAreRefused) {
  create(kInEast);
  store_in("east", Consistency::local_quorum);
  for (const auto level : kLocalLevels) {
    auto store = store_in("west", level, SetupMode::off);
    for (const auto& call : std::vector<std::function<void()>>{
             [&] { store.mget({"a", "b"}); },
             [&] { store.mset({{"a", text("1")}}); },
             [&] { store.mdelete({"a", "b"}); },
         }) {
      const auto failures = batch_error_of(call).failures();
      ASSERT_THAT(failures, ::testing::Not(IsEmpty()));
      for (const auto& failure : failures) {
        EXPECT_EQ(failure.code, ErrorCode::schema);
        EXPECT_THAT(failure.message, HasSubstr("connect with local_datacenter=east"));
      }
    }
    expect_refused(error_of([&] { store.yield_keys().begin(); }), keyspace);
    expect_refused(error_of([&] { static_cast<void>(store.estimate_keys()); }), keyspace);
  }
}

TEST_F(DatacentersTest, ReplicasMayBeTakenAwayAndComeBack) {
  create(kInBoth);
  auto local = store_in("west", Consistency::local_quorum);
  auto anywhere = store_in("west", Consistency::one);
  expect_works(local);
  alter(kInEast);
  const auto failures = batch_error_of([&] { local.mget({"a"}); }).failures();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].code, ErrorCode::schema) << failures[0].message;
  EXPECT_THAT(failures[0].message, HasSubstr("(it has: east 1)"));
  expect_refused(error_of([&] { local.yield_keys().begin(); }), keyspace);
  expect_refused(error_of([&] { static_cast<void>(local.estimate_keys()); }), keyspace);
  expect_works(anywhere);
  alter(kInBoth);
  expect_works(local);
}

TEST_F(DatacentersTest, TheSimpleStrategyIsWarnedOf) {
  create("'class': 'SimpleStrategy', 'replication_factor': 2");
  const auto warning =
      AllOf(HasSubstr("keyspace " + keyspace + " has the SimpleStrategy"),
            HasSubstr("2 datacenters (east, west)"), HasSubstr("LOCAL_QUORUM needs 2"));
  const auto log = std::make_shared<testing::KeptLog>();
  auto options = options_in("west");
  options.log = [log](std::string_view message) { log->add(message); };
  const auto session = CassandraSession::connect(options);
  EXPECT_THAT(session->warnings(), Contains(warning));
  EXPECT_THAT(log->first(), warning);
  CassandraByteStore store("kv", {.session = session, .consistency = Consistency::local_one});
  expect_works(store);
}

}  // namespace
}  // namespace bytestore
