/// Open stores of a process that give writes to one table timestamps of two kinds.

#include "cassandra/stamped_store.hpp"

#include <gmock/gmock.h>

#include "cassandra/cassandra_backend.hpp"
#include "unit/support/nodes.hpp"
#include "unit/support/table_rig.hpp"

namespace bytestore::cassandra {
namespace {

using ::testing::HasSubstr;

StampedStore::Description store(std::vector<NodeId> nodes, bool client_timestamps) {
  return {.name = {.keyspace = "app", .table = "kv"},
          .nodes = std::move(nodes),
          .client_timestamps = client_timestamps};
}

TEST(StampedStoreTest, StoresOfOneKindDoNotMeetAnother) {
  const StampedStore first(store({kOne}, true));
  const StampedStore second(store({kOne}, true));
  EXPECT_FALSE(first.meets_another_kind());
  EXPECT_FALSE(second.meets_another_kind());
}

TEST(StampedStoreTest, StoresOfTwoKindsMeetWhileBothAreOpen) {
  const StampedStore first(store({kOne, kTwo}, true));
  {
    const StampedStore second(store({kTwo, kThree}, false));
    EXPECT_TRUE(first.meets_another_kind());
    EXPECT_TRUE(second.meets_another_kind());
  }
  EXPECT_FALSE(first.meets_another_kind());
}

TEST(StampedStoreTest, OtherTablesKeyspacesAndClustersAreNotTheSame) {
  const StampedStore first(store({kOne, kTwo}, true));
  auto other_table = store({kOne}, false);
  other_table.name.table = "other";
  auto other_keyspace = store({kOne}, false);
  other_keyspace.name.keyspace = "other";
  const StampedStore second(std::move(other_table));
  const StampedStore third(std::move(other_keyspace));
  const StampedStore fourth(store({kThree}, false));
  EXPECT_FALSE(first.meets_another_kind());
}

class StampedBackendTest : public TableRig {
 protected:
  /// Opens the store with `timestamps`, as a store of the library has it.
  std::unique_ptr<CassandraBackend> backend(bool client_timestamps) {
    requests_.client_timestamps = client_timestamps;
    const auto table = make_table();
    table->setup().skip();
    return std::make_unique<CassandraBackend>(table);
  }
};

TEST_F(StampedBackendTest, TheLogIsToldOfTwoKinds) {
  const auto log = connect_with_log();
  driver().ring.known = {{.id = kOne}};
  const auto first = backend(true);
  EXPECT_EQ(session_->log().count(Event::timestamps), 0U);
  const auto second = backend(false);
  EXPECT_THAT(log->first(), HasSubstr("\"app\".\"kv\" was opened with timestamps=server, and "
                                      "another one of this process has timestamps=client"));
}

TEST_F(StampedBackendTest, AClosedStoreDoesNotCount) {
  driver().ring.known = {{.id = kOne}};
  backend(true)->close();
  const auto second = backend(false);
  EXPECT_EQ(session_->log().count(Event::timestamps), 0U);
}

}  // namespace
}  // namespace bytestore::cassandra
