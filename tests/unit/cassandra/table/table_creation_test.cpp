/// How a table that is not there is made on several nodes, on the fake driver.

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <ratio>
#include <set>
#include <string>

#include "cassandra/table/table_setup.hpp"
#include "support/errors.hpp"
#include "unit/support/table_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class TableCreationTest : public TableRig {
 protected:
  void SetUp() override {
    TableRig::SetUp();
    for (std::uint64_t number = 1; number <= 3; ++number) {
      driver().ring.known.push_back({.id = {.high = number},
                                     .address = "127.0.0." + std::to_string(number),
                                     .port = 9042,
                                     .datacenter = "datacenter1",
                                     .connected = true});
    }
    begin();
  }

  /// The set-up of a table that nothing is known of.
  void begin() {
    setup =
        std::make_shared<TableSetup>(table_->access(), TableName{.keyspace = "app", .table = "kv"});
    setup->start();
  }

  /// Answers until the table is made; returns the node that made it.
  NodeId create() {
    driver().take().answer();                      // no table
    driver().take().answer(make_rows({{"app"}}));  // but the keyspace
    const auto create = driver().take();
    EXPECT_THAT(create.cql, StartsWith("CREATE TABLE IF NOT EXISTS"));
    create.answer();
    return create.replicas.front();
  }

  /// A row of `system.local` or `system.peers`.
  static std::vector<std::optional<std::string>> release(std::uint64_t number,
                                                         std::string version) {
    return {wire(number) + wire(std::uint64_t{0}), std::move(version)};
  }

  /// Answers until the releases of the nodes are asked for, which are these in order; returns what
  /// is asked then.
  FakeRequest create_during_upgrade(const std::vector<std::string>& releases) {
    driver().is_plain_by_itself = false;
    driver().take().answer();                      // no table
    driver().take().answer(make_rows({{"app"}}));  // but the keyspace
    driver().take().answer();                      // and no view
    const auto ask_others = driver().take();
    EXPECT_THAT(ask_others.cql, HasSubstr("system.peers"));
    const auto asked = ask_others.replicas.front();
    std::vector<std::vector<std::optional<std::string>>> others;
    for (std::uint64_t number = 1; number <= releases.size(); ++number) {
      if (asked.high != number) others.push_back(release(number, releases[number - 1]));
    }
    ask_others.answer(make_rows(others));
    const auto ask_own = driver().take();
    EXPECT_THAT(ask_own.cql, HasSubstr("system.local"));
    EXPECT_EQ(ask_own.replicas.front(), asked);
    ask_own.answer(make_rows({release(asked.high, releases.at(asked.high - 1))}));
    return driver().take();
  }

  /// The questions of a round, by their nodes; none: there is no other round.
  std::map<NodeId, FakeRequest> take_round() {
    std::map<NodeId, FakeRequest> round;
    while (round.size() < 3 && driver().waiting() == 3 - round.size()) {
      auto request = driver().take();
      EXPECT_THAT(request.cql, HasSubstr("schema_version"));
      EXPECT_FALSE(request.options.others_may_serve);
      const NodeId node = request.replicas.at(0);
      round.emplace(node, std::move(request));
    }
    return round;
  }

  static Rows version(std::string schema, std::string release = "5.0.9") {
    return make_rows({{std::move(schema), std::move(release)}});
  }

  FakeRequest take_look_up() {
    auto request = driver().take();
    EXPECT_THAT(request.cql, HasSubstr("system_schema.tables"));
    return request;
  }

  void find_columns() {
    driver().take().answer(make_rows({
        {"row_id", "text", "partition_key"},
        {"body_blob", "blob", "regular"},
    }));
  }

  /// As the id of a table that was made when the clock of the server said that.
  static std::string id_of(std::chrono::system_clock::time_point made_at) {
    using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
    const auto since_unix = std::chrono::duration_cast<Ticks>(made_at.time_since_epoch());
    const auto ticks = static_cast<std::uint64_t>(since_unix.count() + 122'192'928'000'000'000);
    const std::uint64_t high =
        ticks << 32U | (ticks >> 32U & 0xFFFFU) << 16U | 0x1000U | (ticks >> 48U & 0xFFFU);
    return wire(high) + wire(std::uint64_t{0});
  }

  /// Answers what is asked of a table that is there.
  void find_table_of_age(std::chrono::system_clock::duration age) {
    const auto id = id_of(std::chrono::system_clock::now() - age);
    take_look_up().answer(make_rows({{"kv", id}}));
    find_columns();
  }

  void find_table() {
    take_look_up().answer(make_rows({{"kv"}}));
    find_columns();
  }

  std::shared_ptr<TableSetup> setup;
};

TEST_F(TableCreationTest, TheNodesAreWaitedForUntilTheyKnowIt) {
  const NodeId maker = create();
  for (const auto& [node, request] : take_round()) {
    request.answer(version(node == maker ? "new" : "old"));
  }
  EXPECT_EQ(driver().waiting(), 0U);
  timers_.advance(SchemaAgreement::kInterval);
  const auto round = take_round();
  EXPECT_EQ(round.size(), 3U);
  EXPECT_EQ(driver().refreshes, 0U);
  for (const auto& [node, request] : round) request.answer(version("new"));
  EXPECT_EQ(driver().refreshes, 1U);
  find_table();
  EXPECT_NO_THROW(setup->check());
}

TEST_F(TableCreationTest, NodesOfANewerReleaseAreWaitedForUntilTheyHaveIt) {
  const NodeId maker = create();
  for (const std::size_t how_many_have_it : {0U, 1U, 2U}) {
    for (const auto& [node, request] : take_round()) {
      request.answer(node == maker ? version("new", "4.1.10") : version("other", "5.0.9"));
    }
    std::set<NodeId> asked;
    for (std::size_t i = 0; i != 2; ++i) {
      const auto request = take_look_up();
      asked.insert(request.replicas.front());
      request.answer(i < how_many_have_it ? make_rows({{"kv"}}) : make_rows({}));
    }
    EXPECT_EQ(asked.size(), 2U);
    EXPECT_EQ(asked.count(maker), 0U);
    EXPECT_EQ(driver().waiting() == 0U, how_many_have_it < 2);
    timers_.advance(SchemaAgreement::kInterval);
  }
  find_table();
  EXPECT_NO_THROW(setup->check());
}

TEST_F(TableCreationTest, NodesOfAnOlderReleaseAreNotWaitedFor) {
  const NodeId maker = create();
  for (const auto& [node, request] : take_round()) {
    request.answer(node == maker ? version("new", "5.0.9") : version("other", "4.1.10"));
  }
  find_table();
  EXPECT_NO_THROW(setup->check());
}

TEST_F(TableCreationTest, DuringAnUpgradeANodeOfTheOldestReleaseMakesIt) {
  for (const std::uint64_t oldest :
       {1U, 1U, 2U, 2U, 3U, 3U}) {  // also where another one is asked first
    std::vector<std::string> releases(3, "10.0.9");
    releases[oldest - 1] = "9.1-rc2";
    const auto create = create_during_upgrade(releases);
    EXPECT_THAT(create.cql, StartsWith("CREATE TABLE IF NOT EXISTS"));
    EXPECT_EQ(create.replicas.front().high, oldest);
    create.fail(failure(DriverErrorCode::unauthorized));
    begin();
  }
  driver().take().fail(failure(DriverErrorCode::unauthorized));
}

TEST_F(TableCreationTest, ANodeThatCannotBeReachedIsNotTheOneToMakeIt) {
  driver().ring.known[1].connected = false;
  const auto create = create_during_upgrade({"5.0.9", "3.11.19", "4.1.10"});
  EXPECT_EQ(create.replicas.front().high, 3U);
  create.fail(failure(DriverErrorCode::unauthorized));
}

TEST_F(TableCreationTest, WhatIsNoReleaseChoosesNoNode) {
  const auto create = create_during_upgrade({"5.0.9", "", "new"});
  EXPECT_THAT(create.cql, StartsWith("CREATE TABLE IF NOT EXISTS"));
  create.fail(failure(DriverErrorCode::unauthorized));
}

TEST_F(TableCreationTest, WhereTheReleasesAreNotToldAnyNodeMakesIt) {
  driver().is_plain_by_itself = false;
  driver().take().answer();                                      // no table
  driver().take().answer(make_rows({{"app"}}));                  // but the keyspace
  driver().take().answer();                                      // and no view
  driver().take().fail(failure(DriverErrorCode::unauthorized));  // of system.peers
  const auto create = driver().take();
  EXPECT_THAT(create.cql, StartsWith("CREATE TABLE IF NOT EXISTS"));
  create.fail(failure(DriverErrorCode::unauthorized));
}

TEST_F(TableCreationTest, AnotherPatchIsTheSameRelease) {
  const NodeId maker = create();
  for (const auto& [node, request] : take_round()) {
    request.answer(node == maker ? version("new", "5.0.9") : version("old", "5.0-rc1"));
  }
  EXPECT_EQ(driver().waiting(), 0U) << "these learn of it";
  timers_.advance(SchemaAgreement::kInterval);
  for (const auto& [node, request] : take_round()) request.answer(version("new"));
  find_table();
}

TEST_F(TableCreationTest, ThoseThatDoNotAnswerAreNotWaitedFor) {
  const NodeId maker = create();
  for (const auto& [node, request] : take_round()) {
    if (node == maker) {
      request.answer(version("new"));
    } else {
      request.fail(failure(DriverErrorCode::node_hangs));
    }
  }
  find_table();
  EXPECT_NO_THROW(setup->check());
}

TEST_F(TableCreationTest, WithoutAgreementTheOneThatMadeItIsAsked) {
  const NodeId maker = create();
  int rounds = 0;
  while (true) {
    const auto round = take_round();
    if (round.empty()) break;
    ++rounds;
    for (const auto& [node, request] : round) {
      request.answer(version(node == maker ? "new" : "old"));
    }
    timers_.advance(SchemaAgreement::kInterval);
  }
  EXPECT_EQ(rounds, 50) << "for five seconds";
  const auto look_up = take_look_up();
  EXPECT_EQ(look_up.replicas.front(), maker);
  look_up.answer(make_rows({{"kv"}}));
  find_columns();
  EXPECT_NO_THROW(setup->check());
}

TEST_F(TableCreationTest, WhereItsMakerDoesNotAnswerAnyMoreTheOthersAreAsked) {
  const NodeId maker = create();
  for (const auto& [node, request] : take_round()) {
    if (node == maker) {
      request.fail(failure(DriverErrorCode::node_hangs));
    } else {
      request.answer(version("new"));
    }
  }
  const auto look_up = take_look_up();
  look_up.fail(failure(DriverErrorCode::node_hangs));
  timers_.advance(milliseconds{20});
  const auto again = take_look_up();
  EXPECT_NE(again.replicas.front(), look_up.replicas.front());
  again.answer(make_rows({{"kv"}}));
  find_columns();
  EXPECT_NO_THROW(setup->check());
}

TEST_F(TableCreationTest, WhatWasAnsweredIsNotAskedAgain) {
  take_look_up().answer(make_rows({{"kv"}}));
  const auto columns = driver().take();
  columns.fail(failure(DriverErrorCode::attempt_timeout));
  timers_.advance(milliseconds{20});
  const auto again = driver().take();
  EXPECT_EQ(again.cql, columns.cql);
  EXPECT_NE(again.replicas.front(), columns.replicas.front());
  again.answer(make_rows({
      {"row_id", "text", "partition_key"},
      {"body_blob", "blob", "regular"},
  }));
  EXPECT_NO_THROW(setup->check());
}

TEST_F(TableCreationTest, AfterACreationOfWhichNothingIsKnownTheTableIsLookedUp) {
  driver().take().answer();
  driver().take().answer(make_rows({{"app"}}));
  const auto create = driver().take();
  create.fail(failure(DriverErrorCode::attempt_timeout));
  timers_.advance(milliseconds{20});
  find_table();
  EXPECT_NO_THROW(setup->check());
}

TEST_F(TableCreationTest, TheNodeThatFailedToCreateItIsAskedWhetherItIsThere) {
  for (const auto error : {DriverErrorCode::server, DriverErrorCode::overloaded}) {
    setup =
        std::make_shared<TableSetup>(table_->access(), TableName{.keyspace = "app", .table = "kv"});
    if (driver().waiting() > 0) driver().take().answer(make_rows({{"kv"}}));  // of the one before
    if (driver().waiting() > 0) find_columns();
    setup->start();
    driver().take().answer();
    driver().take().answer(make_rows({{"app"}}));
    const auto create = driver().take();
    create.fail(failure(error));
    timers_.advance(milliseconds{error == DriverErrorCode::server ? 0 : 20});
    const auto look_up = take_look_up();
    const bool is_same = look_up.replicas.front() == create.replicas.front();
    EXPECT_EQ(is_same, error == DriverErrorCode::server);
    look_up.answer(make_rows({{"kv"}}));
    find_columns();
    EXPECT_NO_THROW(setup->check());
  }
}

TEST_F(TableCreationTest, NodesOfOtherDatacentersAreWaitedForByWhatTheMakerKnowsOfThem) {
  driver().ring.known.push_back(
      {.id = {.high = 4}, .address = "127.0.1.1", .port = 9042, .datacenter = "elsewhere"});
  const NodeId maker = create();
  driver().is_plain_by_itself = false;
  for (const std::string others : {"old", "old", "new"}) {
    for (const auto& [node, request] : take_round()) request.answer(version("new"));
    const auto ask_others = driver().take();
    EXPECT_THAT(ask_others.cql, HasSubstr("FROM system.peers"));
    EXPECT_EQ(ask_others.replicas.front(), maker);
    EXPECT_EQ(driver().refreshes, 0U);
    const auto id = [](std::uint64_t number) { return wire(number) + wire(std::uint64_t{0}); };
    ask_others.answer(make_rows({
        {others, "5.0.9", id(4)},
        {"other", "5.0.9", id(maker.high % 3 + 1)},  // of this datacenter: it told itself
        {"other", "6.0.0", id(4)},                   // of another release
        {"other", "5.0.9", id(5)},                   // of no node that the driver knows
    }));
    timers_.advance(SchemaAgreement::kInterval);
  }
  EXPECT_EQ(driver().refreshes, 1U);
  driver().is_plain_by_itself = true;
  find_table();
  EXPECT_NO_THROW(setup->check());
}

TEST_F(TableCreationTest, ATableThatAnotherProgramHasJustMadeIsWaitedForToo) {
  const auto newly_made = {std::chrono::seconds{0}, std::chrono::seconds{50},
                           std::chrono::seconds{-50}};
  for (const auto age : newly_made) {
    find_table_of_age(age);
    for (const auto& [node, request] : take_round()) request.answer(version("old"));
    EXPECT_THROW(setup->check(), Error);
    find_table_of_age(age);
    EXPECT_NO_THROW(setup->check());
    begin();
  }
  find_table();
}

TEST_F(TableCreationTest, ATableThatHasBeenThereForLongIsNotWaitedFor) {
  const auto old = {std::chrono::seconds{70}, std::chrono::seconds{-70}};
  for (const auto age : old) {
    find_table_of_age(age);
    EXPECT_NO_THROW(setup->check());
    begin();
  }
  auto id = id_of(std::chrono::system_clock::now());
  id[6] = 0x30;  // of version 3, made from its name
  take_look_up().answer(make_rows({{"kv", id}}));
  find_columns();
  EXPECT_NO_THROW(setup->check());
}

}  // namespace
}  // namespace bytestore::cassandra
