// When a table is looked up and created, on a real server.

#include <barrier>
#include <boost/asio/use_future.hpp>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "bytestore/cassandra_async.hpp"
#include "bytestore/detail/cassandra_access.hpp"
#include "bytestore/open.hpp"
#include "cassandra_test.hpp"
#include "driver/proxy.hpp"
#include "support/silent_host.hpp"

namespace bytestore {
namespace {

using boost::asio::use_future;
using testing::batch_error_of;
using testing::code_of;
using testing::text;

using SetupModeTest = CassandraTest;

TEST_F(SetupModeTest, SyncCreatesTheTableBeforeTheConstructorReturns) {
  auto made = store(SetupMode::sync);
  EXPECT_TRUE(table_is_there());
  made.ensure_db_setup();
  made.aensure_db_setup(use_future).get();
  made.mset({{"key", text("value")}});
  EXPECT_EQ(store().mget({"key"})[0], text("value")) << "a table that is there is used";
}

TEST_F(SetupModeTest, StoresThatStartTogetherOnANewTableCanAllUseIt) {
  constexpr int kStores = 6;
  std::vector<std::shared_ptr<CassandraSession>> sessions;
  for (int i = 0; i < kStores; ++i) {
    sessions.push_back(CassandraSession::connect(testing::session_options()));
  }
  for (int round = 0; round < 5; ++round) {
    const std::string name = table + "_" + std::to_string(round);
    std::barrier together(kStores);
    std::vector<std::future<void>> uses;
    for (const auto& each : sessions) {
      uses.push_back(std::async(std::launch::async, [&] {
        together.arrive_and_wait();
        CassandraByteStore store(name, {.session = each});
        store.mset({{"key", text("value")}});
      }));
    }
    for (auto& use : uses) EXPECT_NO_THROW(use.get());
  }
}

TEST_F(SetupModeTest, AsyncCreatesTheTableInTheBackground) {
  auto made = store(SetupMode::async);
  made.amset({{"key", text("value")}}, use_future).get();  // waits for the set-up
  EXPECT_TRUE(table_is_there());
  made.aensure_db_setup(use_future).get();
  made.ensure_db_setup();
  EXPECT_EQ(made.mget({"key"})[0], text("value"));
}

TEST_F(SetupModeTest, AsyncRefusesBlockingCallsUntilItHasFinished) {
  cassandra::Proxy proxy = cassandra::proxied_server();
  auto options = testing::session_options();
  options.port = proxy.port();
  session = CassandraSession::connect(options);
  proxy.stall();
  auto waiting = store(SetupMode::async);
  EXPECT_EQ(code_of([&] { waiting.ensure_db_setup(); }), ErrorCode::setup_pending);
  EXPECT_EQ(code_of([&] { waiting.mget({"key"}); }), ErrorCode::setup_pending);
  EXPECT_EQ(code_of([&] { waiting.mset({{"key", {}}}); }), ErrorCode::setup_pending);
  EXPECT_EQ(code_of([&] { waiting.mdelete({"key"}); }), ErrorCode::setup_pending);
  EXPECT_EQ(code_of([&] { testing::walk(waiting.yield_keys()); }), ErrorCode::setup_pending);
  EXPECT_EQ(code_of([&] { detail::CassandraAccess::insert_cql(waiting); }),
            ErrorCode::setup_pending);

  auto write = waiting.amset({{"key", {}}}, use_future);
  auto ready = waiting.aensure_db_setup(use_future);
  session.reset();
  proxy.cut();
  waiting.close(std::chrono::milliseconds{0});
  EXPECT_EQ(code_of([&] { write.get(); }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { ready.get(); }), ErrorCode::cancelled);
  EXPECT_FALSE(table_is_there());
}

TEST_F(SetupModeTest, ASetUpThatIsNotAnsweredEndsAtItsDeadline) {
  cassandra::Proxy proxy = cassandra::proxied_server();
  auto options = testing::session_options();
  options.port = proxy.port();
  session = CassandraSession::connect(options);
  proxy.stall();
  const auto open = [&](SetupMode mode) {
    return std::make_unique<CassandraByteStore>(
        table, CassandraOptions{.session = session,
                                .setup_mode = mode,
                                .setup_deadline = std::chrono::milliseconds{300}});
  };
  const auto error = testing::error_of([&] { open(SetupMode::sync); });
  EXPECT_EQ(error.code(), ErrorCode::timeout);
  EXPECT_THAT(error.what(), ::testing::HasSubstr("within 300 ms, its deadline"));
  const auto later = open(SetupMode::async);
  EXPECT_EQ(code_of([&] { later->aensure_db_setup(use_future).get(); }), ErrorCode::timeout);
  proxy.cut();  // else closing waits for the request that is stalled
}

TEST_F(SetupModeTest, OpeningAServerThatSaysNothingEndsAtItsDeadline) {
  const testing::SilentHost mute(testing::SilentHost::Kind::mute, "127.0.0.1");
  const auto uri = "cassandra://" + mute.contact_point() + "/app?table=kv&connect_timeout=900s";
  const OpenOptions limited{.deadline = std::chrono::milliseconds{300}};
  const auto error = testing::error_of([&] { open(uri, limited); });
  EXPECT_EQ(error.code(), ErrorCode::timeout);
  EXPECT_THAT(error.what(), ::testing::HasSubstr("within 300 ms"));
  const OpenOptions negative{.deadline = std::chrono::milliseconds{-1}};
  EXPECT_EQ(code_of([&] { open(uri, negative); }), ErrorCode::invalid_argument);
}

TEST_F(SetupModeTest, OffChangesNothing) {
  auto made = store(SetupMode::off);
  made.ensure_db_setup();
  const auto error = batch_error_of([&] { made.mget({"key"}); });
  EXPECT_EQ(error.failures().at(0).code, ErrorCode::schema) << error.what();
  EXPECT_EQ(code_of([&] { testing::walk(made.yield_keys()); }), ErrorCode::schema);
  EXPECT_EQ(code_of([&] { detail::CassandraAccess::select_cql(made); }), ErrorCode::schema);
  EXPECT_FALSE(table_is_there());

  store(SetupMode::sync);
  EXPECT_EQ(made.mget({"key"})[0], std::nullopt) << "it is used once it is there";
}

TEST_F(SetupModeTest, ATableOfAnotherLayoutIsRefusedAndLeftAlone) {
  ask("CREATE TABLE " + qualified_table() + " (row_id INT PRIMARY KEY, body_blob BLOB)");
  EXPECT_EQ(code_of([&] { store(SetupMode::sync); }), ErrorCode::schema);
  auto later = store(SetupMode::async);
  EXPECT_EQ(code_of([&] { later.aensure_db_setup(use_future).get(); }), ErrorCode::schema);
  EXPECT_EQ(code_of([&] { later.mget({"key"}); }), ErrorCode::schema);
}

TEST_F(SetupModeTest, MasksAreNoMatterWhereNobodyLogsIn) {
  ask("CREATE TABLE " + qualified_table() +
      " (row_id TEXT PRIMARY KEY, body_blob BLOB MASKED WITH mask_default())");
  auto named = testing::session_options();
  named.username = "somebody";
  named.password = "of no value";
  for (const auto& each : {session, CassandraSession::connect(named)}) {
    session = each;
    for (const auto mode : {SetupMode::sync, SetupMode::off}) {
      auto made = store(mode);
      made.mset({{"key", text("value")}});
      EXPECT_EQ(made.mget({"key"})[0], text("value"));
    }
  }
}

TEST_F(SetupModeTest, AKeyspaceIsNeverCreated) {
  const CassandraOptions options{.session = session, .keyspace = "not_there"};
  EXPECT_EQ(code_of([&] { CassandraByteStore(table, options); }), ErrorCode::schema);
}

TEST_F(SetupModeTest, NamesOfTypesAndIndexesAreFree) {
  const auto indexed = qualified_table() + "_indexed";
  ask("CREATE TYPE " + qualified_table() + " (number int)");
  ask("CREATE TABLE " + indexed + " (id int PRIMARY KEY, number int)");
  ask("CREATE INDEX " + table + " ON " + indexed + " (number)");
  auto made = store();
  made.mset({{"key", text("value")}});
  EXPECT_EQ(made.mget({"key"})[0], text("value"));
}

TEST_F(SetupModeTest, ManyStoresMayCreateOneTableAtOnce) {
  std::vector<std::unique_ptr<CassandraByteStore>> stores;
  for (int i = 0; i != 8; ++i) {
    stores.push_back(std::make_unique<CassandraByteStore>(
        table, CassandraOptions{.session = session, .setup_mode = SetupMode::async}));
  }
  for (const auto& each : stores) each->aensure_db_setup(use_future).get();
  stores.front()->mset({{"key", text("value")}});
  EXPECT_EQ(stores.back()->mget({"key"})[0], text("value"));
}

}  // namespace
}  // namespace bytestore
