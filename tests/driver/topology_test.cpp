// Nodes, ring, tokens, replicas; and what is asked of the server about itself.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "cassandra/cql/big_endian.hpp"
#include "cassandra/session/clock_probe.hpp"
#include "cassandra/table/table_lookup.hpp"
#include "driver_test.hpp"
#include "support/borrowed_session.hpp"

namespace bytestore::cassandra {
namespace {

using namespace std::string_view_literals;

using TopologyTest = TableTest;

TEST_F(TopologyTest, TokensAreThoseOfTheServer) {
  const auto insert = this->insert();
  const std::string long_key(300, 'k');
  for (const std::string_view key :
       {"a"sv, "hello"sv, "a\0b"sv, "\xc3\xa9"sv, std::string_view(long_key)}) {
    value_of(execute(*session, *insert, {key, as_bytes("v")}));
    const auto ask =
        prepared(*session, "SELECT token(row_id) FROM bytestore_driver.kv WHERE row_id = ?");
    const Rows rows = value_of(execute(*session, *ask, {key}));
    EXPECT_EQ(read_integer<std::int64_t>(rows.cell(0, 0)), token_of(as_bytes(key)));
  }
}

TEST_F(TopologyTest, TheRingIsSortedAndOwnedByNodes) {
  const auto topology = session->topology("bytestore_driver", "kv", "");
  const auto nodes = topology->nodes();
  const auto ring = topology->ring();
  ASSERT_FALSE(nodes.empty());
  ASSERT_FALSE(ring.empty());
  EXPECT_TRUE(std::ranges::is_sorted(ring, {}, &RingToken::token));
  for (const RingToken& entry : ring) {
    EXPECT_TRUE(std::ranges::find(nodes, entry.owner, &Node::id) != nodes.end());
  }
}

TEST_F(TopologyTest, NodesSayWhereTheyAre) {
  for (const Node& node : session->topology("bytestore_driver", "kv", "")->nodes()) {
    EXPECT_NE(node.id, NodeId{});
    EXPECT_FALSE(node.address.empty());
    EXPECT_NE(node.port, 0);
    EXPECT_EQ(node.datacenter, session->local_datacenter());
    EXPECT_TRUE(node.connected);
  }
}

/// Whether it becomes true once the topology is looked up anew.
template <typename Condition>
bool becomes_true(DriverSession& session, const Condition& condition) {
  session.refresh_topology();
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > patience) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return true;
}

TEST_F(TopologyTest, ReplicasAreNodesOfTheDatacenterAskedFor) {
  std::vector<NodeId> replicas;
  const auto has_one = [&] {  // where the keyspace is new, soon
    replicas.assign(3, NodeId{});
    session->topology("bytestore_driver", "kv", session->local_datacenter())
        ->replicas(token_of(as_bytes("key")), replicas);
    return replicas.size() == 1;
  };
  ASSERT_TRUE(becomes_true(*session, has_one));
  const auto nodes = session->topology("bytestore_driver", "kv", "")->nodes();
  EXPECT_TRUE(std::ranges::find(nodes, replicas[0], &Node::id) != nodes.end());
  session->topology("bytestore_driver", "kv", "elsewhere")->replicas(0, replicas);
  EXPECT_TRUE(replicas.empty());
  session->topology("no_such_keyspace", "kv", "")->replicas(0, replicas);
  EXPECT_TRUE(replicas.empty());
}

/// Makes a keyspace anew, and waits until the topology has it.
void make_keyspace(DriverSession& session, const std::string& name) {
  const auto replicas = [&] {
    std::vector<NodeId> found;
    session.topology(name, "any", "")->replicas(0, found);
    return found.size();
  };
  value_of(query(session, "DROP KEYSPACE IF EXISTS " + name));
  ASSERT_TRUE(becomes_true(session, [&] { return replicas() == 0; }));
  value_of(query(session, "CREATE KEYSPACE " + name +
                              " WITH replication = "
                              "{'class': 'SimpleStrategy', 'replication_factor': 1}"));
  ASSERT_TRUE(becomes_true(session, [&] { return replicas() == 1; }));
}

TEST_F(TopologyTest, AKeyspaceIsKnownSoonAfterARefresh) {
  make_keyspace(*session, "bytestore_fresh");
  value_of(query(*session, "DROP KEYSPACE bytestore_fresh"));
}

TEST_F(TopologyTest, TheVersionStaysWhileTheRingDoes) {
  const auto before = session->topology("bytestore_driver", "kv", "")->version();
  value_of(query(*session, "DROP TABLE IF EXISTS bytestore_driver.other"));
  value_of(query(*session, "CREATE TABLE bytestore_driver.other (row_id TEXT PRIMARY KEY)"));
  make_keyspace(*session, "bytestore_later");  // once that is known, so is the table
  EXPECT_EQ(session->topology("bytestore_driver", "kv", "")->version(), before);
  value_of(query(*session, "DROP TABLE bytestore_driver.other"));
  value_of(query(*session, "DROP KEYSPACE bytestore_later"));
}

TEST_F(TopologyTest, TheVersionChangesWithTheReplication) {
  make_keyspace(*session, "bytestore_replicated");
  const auto version = [&] {
    return session->topology("bytestore_replicated", "kv", "")->version();
  };
  const auto before = version();
  EXPECT_EQ(version(), before);
  value_of(query(*session,
                 "ALTER KEYSPACE bytestore_replicated WITH replication = "
                 "{'class': 'SimpleStrategy', 'replication_factor': 2}"));
  EXPECT_TRUE(becomes_true(*session, [&] { return version() != before; }));
  value_of(query(*session, "DROP KEYSPACE bytestore_replicated"));
}

TEST_F(TopologyTest, ANodeTellsTheTime) {
  const auto nodes = session->topology("system", "local", "")->nodes();
  ASSERT_FALSE(nodes.empty());
  const ClockReading reading = value_of(
      wait_for<ClockReading>([&](auto& sink) { read_clock(*session, nodes[0].id, {}, sink); }));
  EXPECT_LE(reading.before, reading.after);
  EXPECT_LT(std::chrono::abs(reading.ahead()), std::chrono::seconds{5}) << "one machine, one clock";
}

TEST_F(TopologyTest, ATableIsLookedUp) {
  const auto look_up = [&](std::string_view keyspace, std::string_view table) {
    return value_of(wait_for<TableDescription>(
        [&](auto& sink) { look_up_table(borrowed(*session), keyspace, table, sink); }));
  };
  const TableDescription table = look_up("bytestore_driver", "kv");
  EXPECT_TRUE(table.keyspace_exists);
  ASSERT_TRUE(table.exists);
  ASSERT_EQ(table.columns.size(), 2U);
  const auto key = std::ranges::find(table.columns, "row_id", &Column::name);
  ASSERT_TRUE(key != table.columns.end());
  EXPECT_EQ(key->type, "text");
  EXPECT_EQ(key->kind, ColumnKind::partition_key);
  const auto value = std::ranges::find(table.columns, "body_blob", &Column::name);
  ASSERT_TRUE(value != table.columns.end());
  EXPECT_EQ(value->type, "blob");
  EXPECT_EQ(value->kind, ColumnKind::regular);

  EXPECT_TRUE(look_up("bytestore_driver", "it's not there").keyspace_exists);
  EXPECT_FALSE(look_up("bytestore_driver", "it's not there").exists);
  EXPECT_FALSE(look_up("nowhere", "kv").keyspace_exists);
}

}  // namespace
}  // namespace bytestore::cassandra
