// What a limit that ends something says of what the server answered each time.

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "bytestore/detail/cassandra_access.hpp"
#include "cassandra_test.hpp"

namespace bytestore {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using testing::batch_error_of;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::text;

/// A keyspace of three copies on fewer nodes: at LOCAL_QUORUM the server refuses every request.
class LimitsTest : public CassandraTest {
 protected:
  void SetUp() override {
    ask("CREATE KEYSPACE " + keyspace +
        " WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3}");
  }
  void TearDown() override { ask("DROP KEYSPACE " + keyspace); }

  /// With its statements prepared, so that what follows is all refused.
  [[nodiscard]] std::unique_ptr<CassandraByteStore> refused_store(
      std::shared_ptr<CassandraSession> by) const {
    auto store = std::make_unique<CassandraByteStore>(
        table, CassandraOptions{.session = std::move(by), .keyspace = keyspace});
    detail::CassandraAccess::select_cql(*store);
    detail::CassandraAccess::insert_cql(*store);
    detail::CassandraAccess::delete_cql(*store);
    return store;
  }

  static auto names_it() {
    return AllOf(HasSubstr("Cannot achieve consistency level LOCAL_QUORUM"),
                 HasSubstr("1 of 2 replicas"));
  }

  const std::string keyspace = testing::new_table_name();
  const CallOptions soon{.deadline = seconds{2}};
};

TEST_F(LimitsTest, ADeadlineNamesWhatTheServerAnswered) {
  const auto store = refused_store(session);
  const auto check = [](const BatchError& error) {
    const KeyFailure& key = error.failures().at(0);
    EXPECT_EQ(key.code, ErrorCode::timeout);
    EXPECT_THAT(key.message, names_it());
    // Unless an attempt was in flight when the time had passed.
    if (key.message.starts_with("deadline passed")) {
      EXPECT_EQ(key.outcome, Outcome::failed) << "the server did not begin";
    } else {
      EXPECT_THAT(key.message, StartsWith("the deadline of the call passed before"));
    }
  };
  check(batch_error_of([&] { store->mset({{"key", text("value")}}, soon); }));
  check(batch_error_of([&] { store->mget({"key"}, soon); }));
  check(batch_error_of([&] { store->mdelete({"key"}, soon); }));
}

TEST_F(LimitsTest, GivingUpNamesWhatTheServerAnswered) {
  CassandraSessionOptions hasty = testing::session_options();
  hasty.give_up_after = seconds{5};
  const auto store = refused_store(CassandraSession::connect(hasty));
  const auto error = batch_error_of([&] { store->mget({"key"}); });
  EXPECT_EQ(error.failures().at(0).code, ErrorCode::unavailable);
  EXPECT_THAT(error.failures().at(0).message, names_it());
  const auto listing = error_of([&] { testing::walk(store->yield_keys()); });
  EXPECT_EQ(listing.code(), ErrorCode::unavailable);
  EXPECT_THAT(listing.what(), names_it());
}

}  // namespace
}  // namespace bytestore
