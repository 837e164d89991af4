// The session of `init`, and the environment that configures it.

#include <cstdlib>

#include "cassandra_test.hpp"

namespace bytestore {
namespace {

using testing::code_of;
using testing::text;

class DefaultSessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("CASSANDRA_CONTACT_POINTS", testing::cassandra_server().contact_points.at(0).c_str(),
             1);
    ::setenv("CASSANDRA_KEYSPACE", "bytestore_test", 1);
  }

  void TearDown() override {
    shutdown();
    ::unsetenv("CASSANDRA_CONTACT_POINTS");
    ::unsetenv("CASSANDRA_KEYSPACE");
  }

  /// What the environment does not say.
  static CassandraSessionOptions rest() {
    auto options = testing::session_options();
    options.contact_points.clear();
    options.keyspace.clear();
    return options;
  }

  static ErrorCode refusal() {
    return code_of([] { CassandraByteStore store("nobody_creates_it"); });
  }

  std::string table = testing::new_table_name();
};

TEST_F(DefaultSessionTest, IsMadeOfTheEnvironment) {
  EXPECT_EQ(refusal(), ErrorCode::not_configured) << "the environment alone connects nothing";
  init(rest());
  CassandraByteStore store(table);
  store.mset({{"key", text("value")}});
  EXPECT_EQ(CassandraByteStore(table).mget({"key"})[0], text("value"));
}

TEST_F(DefaultSessionTest, ItsOptionsPrevailOverTheEnvironment) {
  ::setenv("CASSANDRA_CONTACT_POINTS", "127.0.0.1:1", 1);
  ::setenv("CASSANDRA_KEYSPACE", "not_there", 1);
  init(testing::session_options());
  CassandraByteStore(table).mset({{"key", text("value")}});
}

TEST_F(DefaultSessionTest, AStoreMayNameAnotherKeyspace) {
  ::setenv("CASSANDRA_KEYSPACE", "not_there", 1);
  init(rest());
  EXPECT_EQ(code_of([&] { CassandraByteStore store(table); }), ErrorCode::schema);
  CassandraByteStore(table, {.keyspace = "bytestore_test"}).mset({{"key", text("value")}});
}

TEST_F(DefaultSessionTest, WithoutAKeyspaceAStoreIsRefused) {
  ::unsetenv("CASSANDRA_KEYSPACE");
  init(rest());
  EXPECT_EQ(refusal(), ErrorCode::not_configured);
}

TEST_F(DefaultSessionTest, StoresOutliveItsShutdown) {
  init(rest());
  CassandraByteStore store(table);
  shutdown();
  store.mset({{"key", text("value")}});
  EXPECT_EQ(refusal(), ErrorCode::not_configured);
  init(rest());
  EXPECT_EQ(CassandraByteStore(table).mget({"key"})[0], text("value"));
}

TEST_F(DefaultSessionTest, IsKeptIfAnotherOneCannotConnect) {
  init(rest());
  auto nobody = rest();
  nobody.contact_points = {"127.0.0.1:1"};
  EXPECT_EQ(code_of([&] { init(nobody); }), ErrorCode::unavailable);
  CassandraByteStore(table).mset({{"key", text("value")}});
}

TEST_F(DefaultSessionTest, IsThereWhenStaticObjectsAreDestroyed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  struct UsesItLast {
    ~UsesItLast() {
      CassandraByteStore store(testing::new_table_name());
      store.mset({{"key", text("value")}});
      std::_Exit(store.mget({"key"})[0] == text("value") ? 7 : 1);
    }
  };
  const auto run = [] {
    static const UsesItLast last;
    init(rest());
    std::exit(0);
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace bytestore
