#include "cassandra/policy/replication.hpp"

#include <gmock/gmock.h>

namespace bytestore::cassandra {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StrEq;
using enum Replication::Strategy;

TEST(ReplicationTest, OnlyTheLocalLevelsNeedLocalReplicas) {
  for (const auto level : {Consistency::local_one, Consistency::local_quorum}) {
    EXPECT_TRUE(counts_local_replicas(level));
  }
  for (const auto level : {Consistency::one, Consistency::two, Consistency::three,
                           Consistency::quorum, Consistency::all, Consistency::each_quorum}) {
    EXPECT_FALSE(counts_local_replicas(level));
  }
}

TEST(ReplicationTest, NoReplicasAreCertainOnlyWhereDatacentersAreNamed) {
  EXPECT_FALSE(has_no_replicas({.strategy = by_datacenter, .replicas = {{"west", 1}}}, "west"));
  EXPECT_TRUE(has_no_replicas({.strategy = by_datacenter, .replicas = {{"east", 2}}}, "west"));
  EXPECT_TRUE(has_no_replicas({.strategy = by_datacenter, .replicas = {{"west", 0}}}, "west"));
  EXPECT_TRUE(has_no_replicas({.strategy = by_datacenter}, "west"));
  EXPECT_FALSE(has_no_replicas({.strategy = simple, .replicas = {{"", 1}}}, "west"));
  EXPECT_FALSE(has_no_replicas({.strategy = other}, "west"));
}

TEST(ReplicationTest, TheRefusalNamesWhereThereAreSome) {
  const auto said = [](Replication replication) {
    const Error error = without_local_replicas("app", replication, "west");
    EXPECT_EQ(error.code(), ErrorCode::schema);
    return std::string(error.what());
  };
  EXPECT_THAT(said({.strategy = by_datacenter, .replicas = {{"east", 2}, {"west", 0}}}),
              StrEq("keyspace app has no replicas in datacenter west (it has: east 2); connect "
                    "with local_datacenter=east (in a URI local_dc=east)"));
  EXPECT_THAT(
      said({.strategy = by_datacenter, .replicas = {{"east", 2}, {"north", 3}}}),
      AllOf(HasSubstr("(it has: east 2, north 3)"), HasSubstr("local_datacenter=east or north")));
  EXPECT_THAT(said({.strategy = by_datacenter}), HasSubstr("(it has: none); alter the keyspace"));
}

TEST(ReplicationTest, TheSimpleStrategyIsWarnedOfInSeveralDatacenters) {
  const std::vector<Node> nodes{
      {.datacenter = "west"}, {.datacenter = "east"}, {.datacenter = "west"}, {.datacenter = ""}};
  const Replication three{.strategy = simple, .replicas = {{"", 3}}};
  const auto warning = warning_of("app", three, nodes, "west");
  ASSERT_TRUE(warning);
  EXPECT_THAT(*warning, AllOf(HasSubstr("2 datacenters (east, west)"),
                              HasSubstr("its replication factor of 3"),
                              HasSubstr("LOCAL_QUORUM needs 2 of them in datacenter west")));
  EXPECT_FALSE(warning_of("app", three, {{.datacenter = "west"}, {.datacenter = ""}}, "west"));
  EXPECT_FALSE(
      warning_of("app", {.strategy = by_datacenter, .replicas = {{"west", 3}}}, nodes, "west"));
}

}  // namespace
}  // namespace bytestore::cassandra
