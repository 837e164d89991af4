/// The set-up of a table whose keyspace has no replicas in the local datacenter.

#include <gmock/gmock.h>

#include <optional>

#include "cassandra/table/table_setup.hpp"
#include "support/errors.hpp"
#include "unit/support/table_name.hpp"
#include "unit/support/table_rig.hpp"

namespace bytestore::cassandra {
namespace {

using ::testing::StartsWith;

class SetupWithoutReplicasTest : public TableRig {
 protected:
  void make_setup(Consistency level = Consistency::local_quorum) {
    setup = std::make_shared<TableSetup>(table_->access(), kName, level);
  }

  /// Answers the look-up of a table that is there.
  void find_table() {
    driver().take().answer(make_rows({{"kv"}}));
    driver().take().answer(make_rows({
        {"row_id", "text", "partition_key"},
        {"body_blob", "blob", "regular"},
    }));
  }

  static Rows elsewhere() {
    const auto text = [](const std::string& value) {
      return wire(static_cast<std::int32_t>(value.size())) + value;
    };
    return make_rows({{wire(std::int32_t{2}) + text("class") + text("NetworkTopologyStrategy") +
                       text("elsewhere") + text("2")}});
  }

  [[nodiscard]] ErrorCode code() const {
    return testing::code_of([this] { setup->check(); });
  }

  void expect_refused() const {
    EXPECT_EQ(code(), ErrorCode::schema);
    EXPECT_THAT(testing::error_of([this] { setup->check(); }).what(),
                StartsWith("keyspace app has no replicas in datacenter datacenter1"));
    EXPECT_EQ(driver_->waiting(), 0U);
  }

  std::shared_ptr<TableSetup> setup;
};

TEST_F(SetupWithoutReplicasTest, AMissingTableIsNotCreated) {
  for (const bool creates : {true, false}) {
    make_setup();
    setup->start(creates);
    driver().take().answer();
    driver().take().answer(elsewhere());
    expect_refused();
  }
}

TEST_F(SetupWithoutReplicasTest, WhatTheDriverKnowsIsAsked) {
  for (const auto& known :
       {std::optional(Replication{.strategy = Replication::Strategy::by_datacenter,
                                  .replicas = {{"elsewhere", 2}}}),
        std::optional<Replication>()}) {
    driver().ring.keyspace = known;
    make_setup();
    setup->start();
    find_table();
    EXPECT_EQ(code(), ErrorCode::setup_pending);
    driver().take().answer(elsewhere());
    expect_refused();

    make_setup();
    setup->start();
    find_table();
    driver().take().answer();  // it has changed, or nobody knows
    EXPECT_NO_THROW(setup->check());
  }
}

TEST_F(SetupWithoutReplicasTest, LevelsThatCountOthersDoNotMind) {
  driver().ring.keyspace = std::nullopt;
  const auto make = [this] {
    make_setup(Consistency::each_quorum);
    setup->start();
  };
  make();
  find_table();
  EXPECT_NO_THROW(setup->check());
  make();
  driver().take().answer();
  driver().take().answer(elsewhere());
  const auto create = driver().take();
  EXPECT_THAT(create.cql, StartsWith("CREATE TABLE"));
  create.fail(failure(DriverErrorCode::unauthorized));
}

}  // namespace
}  // namespace bytestore::cassandra
