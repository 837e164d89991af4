#include "cassandra/table/table_setup.hpp"

#include <gmock/gmock.h>

#include "cassandra/table/setup_wait.hpp"
#include "support/errors.hpp"
#include "unit/support/table_name.hpp"
#include "unit/support/table_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::seconds;
using ::testing::StartsWith;

class SetupTest : public TableRig {
 protected:
  void SetUp() override {
    TableRig::SetUp();
    make_setup();
  }

  void make_setup() { setup = std::make_shared<TableSetup>(table_->access(), kName); }

  /// Answers the look-up of a table that is there.
  void find_table() {
    driver().take().answer(make_rows({{wire(std::int32_t{0})}}));
    driver().take().answer(make_rows({
        {"row_id", "text", "partition_key", wire(std::int32_t{0})},
        {"body_blob", "blob", "regular", wire(std::int32_t{-1})},
    }));
  }

  /// Answers the look-up of a table that is not there.
  void miss_table() {
    driver().take().answer();
    driver().take().answer(make_rows({{"app"}}));
  }

  /// Answers that a column is masked, and that somebody is logged in, whoever that is.
  void refuse_for_masks() {
    driver().take().answer(make_rows({{"body_blob"}}));
    driver().take().answer();  // to DESCRIBE TABLE
    driver().take().fail(failure(DriverErrorCode::unauthorized));
    driver().take().answer(make_rows({{"somebody", std::string(1, '\0')}}));
  }

  [[nodiscard]] ErrorCode code() const {
    return testing::code_of([this] { setup->check(); });
  }

  std::shared_ptr<TableSetup> setup;
};

TEST_F(SetupTest, LooksTheTableUpBeforeCreatingIt) {
  setup->start();
  EXPECT_EQ(code(), ErrorCode::setup_pending);
  find_table();
  EXPECT_NO_THROW(setup->check());
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(SetupTest, EndsAtItsDeadline) {
  setup->start(true, seconds{2});
  driver().take().fail(failure(DriverErrorCode::no_connection));
  timers_.advance(seconds{1});
  EXPECT_EQ(code(), ErrorCode::setup_pending);
  timers_.advance(seconds{1});
  EXPECT_EQ(code(), ErrorCode::timeout);
  const auto error = testing::error_of([this] { setup->check(); });
  EXPECT_THAT(error.what(), ::testing::HasSubstr("within 2000 ms, its deadline"));
  EXPECT_THAT(error.what(), ::testing::HasSubstr("no node can be reached"));
  while (driver().waiting() > 0) miss_table();
  EXPECT_EQ(driver().waiting(), 0U) << "nothing is created afterwards";
}

TEST_F(SetupTest, DoesNotEndAtADeadlineThatItKeeps) {
  setup->start(true, seconds{2});
  find_table();
  timers_.advance(seconds{3});
  EXPECT_NO_THROW(setup->check());
}

TEST_F(SetupTest, AMissingTableIsNotCreatedWhereItShouldExist) {
  setup->start(false);
  miss_table();
  timers_.advance(seconds{1});
  find_table();
  EXPECT_NO_THROW(setup->check()) << "a node may learn of a table late";

  make_setup();
  setup->start(false);
  for (miss_table(); driver().waiting() == 0 && code() == ErrorCode::setup_pending;) {
    timers_.advance(seconds{1});
    if (driver().waiting() > 0) miss_table();
  }
  EXPECT_EQ(code(), ErrorCode::schema);
  EXPECT_THAT(testing::error_of([this] { setup->check(); }).what(),
              ::testing::HasSubstr("there is no table \"app\".\"kv\""));
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(SetupTest, CreatesAMissingTableAndLooksAgain) {
  setup->start();
  miss_table();
  const auto create = driver().take();
  EXPECT_EQ(create.cql,
            "CREATE TABLE IF NOT EXISTS \"app\".\"kv\" "
            "(row_id TEXT, body_blob BLOB, PRIMARY KEY (row_id))");
  create.answer();
  EXPECT_EQ(code(), ErrorCode::setup_pending);
  find_table();
  EXPECT_NO_THROW(setup->check());
}

TEST_F(SetupTest, DoesNotCreateATableByTheNameOfAView) {
  driver().is_plain_by_itself = false;
  setup->start();
  miss_table();
  const auto views = driver().take();
  EXPECT_EQ(views.cql,
            "SELECT view_name FROM system_schema.views WHERE keyspace_name = 'app' AND "
            "view_name = 'kv'");
  EXPECT_EQ(code(), ErrorCode::setup_pending);
  views.answer(make_rows({{"kv"}}));
  EXPECT_EQ(code(), ErrorCode::schema);
  EXPECT_EQ(driver().waiting(), 0U) << "nothing is sent that could do harm";
}

TEST_F(SetupTest, CreatesOnServersThatKnowNoViews) {
  driver().is_plain_by_itself = false;
  setup->start();
  miss_table();
  const auto views = driver().take();
  driver().is_plain_by_itself = true;
  views.fail(failure(DriverErrorCode::unknown_table));
  const auto create = driver().take();
  EXPECT_THAT(create.cql, StartsWith("CREATE TABLE IF NOT EXISTS"));
  create.fail(failure(DriverErrorCode::unauthorized));
}

TEST_F(SetupTest, AServerThatFailsToCreateItIsNotAskedAgainToDoSo) {
  setup->start();
  miss_table();
  driver().take().fail(
      {.code = DriverErrorCode::server, .message = "run cms initialize", .maybe_sent = true});
  miss_table();
  const auto error = testing::error_of([this] { setup->check(); });
  EXPECT_EQ(error.code(), ErrorCode::io);
  EXPECT_THAT(error.what(), ::testing::HasSubstr("creating the table \"app\".\"kv\" failed"));
  EXPECT_THAT(error.what(), ::testing::HasSubstr("run cms initialize"));
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(SetupTest, ATableThatSomebodyElseCreatedAtTheSameTimeIsUsed) {
  for (const auto lost : {DriverErrorCode::server, DriverErrorCode::already_exists}) {
    make_setup();
    setup->start();
    miss_table();
    driver().take().fail(failure(lost));
    find_table();
    EXPECT_NO_THROW(setup->check());
  }
}

TEST_F(SetupTest, WaitsForATableThatIsCreatedLater) {
  setup->start();
  miss_table();
  driver().take().answer();
  miss_table();
  EXPECT_EQ(driver().waiting(), 0U) << "it is not created twice";
  timers_.advance(seconds{1});
  find_table();
  EXPECT_NO_THROW(setup->check());
}

TEST_F(SetupTest, WaitsForTheColumnsOfATable) {
  setup->start();
  driver().take().answer(make_rows({{wire(std::int32_t{0})}}));
  driver().take().answer();
  EXPECT_EQ(code(), ErrorCode::setup_pending);
  timers_.advance(seconds{1});
  find_table();
  EXPECT_NO_THROW(setup->check());
}

TEST_F(SetupTest, SaysWhoMayNotCreate) {
  setup->start();
  miss_table();
  driver().take().fail(failure(DriverErrorCode::unauthorized));
  const auto error = testing::error_of([this] { setup->check(); });
  EXPECT_EQ(error.code(), ErrorCode::unauthorized);
  EXPECT_NE(std::string_view(error.what()).find("CREATE"), std::string_view::npos);
}

TEST_F(SetupTest, FailsTheSameOnEachCall) {
  setup->start();
  driver().take().answer();
  driver().take().answer();  // no such keyspace either
  EXPECT_EQ(code(), ErrorCode::schema);
  EXPECT_EQ(code(), ErrorCode::schema);
}

TEST_F(SetupTest, TriesAgainWhatMayHelp) {
  setup->start();
  driver().take().fail(failure(DriverErrorCode::no_connection));
  EXPECT_EQ(code(), ErrorCode::setup_pending);
  timers_.advance(seconds{1});
  miss_table();
  driver().take().fail(failure(DriverErrorCode::schema_agreement));
  timers_.advance(seconds{1});
  find_table();
  EXPECT_NO_THROW(setup->check());
}

TEST_F(SetupTest, WaitsForAServerThatCannotLookPermissionsUp) {
  setup->start();
  driver().take().fail(failure(DriverErrorCode::roles_unavailable));
  timers_.advance(seconds{1});
  miss_table();
  driver().take().fail(failure(DriverErrorCode::roles_unavailable));
  EXPECT_EQ(code(), ErrorCode::setup_pending);
  timers_.advance(seconds{1});
  miss_table();
  driver().take().answer();
  find_table();
  EXPECT_NO_THROW(setup->check());
}

TEST_F(SetupTest, AttemptsThatAreMadeAgainAreCountedAndTold) {
  const auto log = connect_with_log();
  make_setup();
  setup->start();
  driver().take().fail(failure(DriverErrorCode::no_connection));
  timers_.advance(seconds{1});
  miss_table();
  driver().take().fail(failure(DriverErrorCode::schema_agreement));
  timers_.advance(seconds{1});
  find_table();
  EXPECT_EQ(session_->log().count(Event::retry), 2U);
  EXPECT_THAT(log->first(),
              StartsWith("tried again: setting up the table \"app\".\"kv\" failed: no node"));
}

TEST_F(SetupTest, GivesUpInTime) {
  for (const auto lasting : {DriverErrorCode::no_connection, DriverErrorCode::roles_unavailable}) {
    make_setup();
    setup->start();
    for (int i = 0; i < 60; ++i) {
      if (driver().waiting() > 0) driver().take().fail(failure(lasting));
      timers_.advance(seconds{1});
    }
    EXPECT_EQ(code(), ErrorCode::unavailable);
  }
}

TEST_F(SetupTest, SkippedAsksNothing) {
  driver().is_plain_by_itself = false;
  setup->skip();
  EXPECT_NO_THROW(setup->check());
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(SetupTest, SkippedAsksForMasksBeforeItsFirstUse) {
  driver().is_plain_by_itself = false;
  setup->skip();
  KeepingSink<TableSetup::Outcome> first;
  SetupWait::start(*setup, call(), first);
  EXPECT_FALSE(first.is_done());
  EXPECT_THAT(driver().waiting(), 1U);
  check_table_out();
  EXPECT_FALSE(first.result());
  KeepingSink<TableSetup::Outcome> second;
  SetupWait::start(*setup, call(), second);
  EXPECT_FALSE(second.result());
}

TEST_F(SetupTest, SkippedAsksForMasksAgainUntilThereAreNone) {
  driver().is_plain_by_itself = false;
  setup->skip();
  KeepingSink<TableSetup::Outcome> first;
  SetupWait::start(*setup, call(), first);
  refuse_for_masks();
  EXPECT_EQ(first.result()->code(), ErrorCode::unauthorized);
  KeepingSink<TableSetup::Outcome> second;
  SetupWait::start(*setup, call(), second);
  check_table_out();
  EXPECT_FALSE(second.result());
}

TEST_F(SetupTest, AsksForMasksOnceTheTableIsThere) {
  driver().is_plain_by_itself = false;
  setup->start();
  find_table();
  EXPECT_EQ(code(), ErrorCode::setup_pending);
  check_table_out();
  EXPECT_NO_THROW(setup->check());
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(SetupTest, ATableWithMasksIsRefused) {
  driver().is_plain_by_itself = false;
  setup->start();
  find_table();
  refuse_for_masks();
  EXPECT_EQ(code(), ErrorCode::unauthorized);
}

TEST_F(SetupTest, TellsThoseWhoWait) {
  KeepingSink<TableSetup::Outcome> early;
  KeepingSink<TableSetup::Outcome> late;
  SetupWait::start(*setup, call(), early);
  setup->start();
  EXPECT_FALSE(early.is_done());
  find_table();
  EXPECT_FALSE(early.result());
  SetupWait::start(*setup, call(), late);
  EXPECT_FALSE(late.result());
}

TEST_F(SetupTest, AWaitEndsWhenItIsStopped) {
  KeepingSink<TableSetup::Outcome> waiting;
  setup->start();
  SetupWait::start(*setup, call(), waiting);
  closing_.request_stop();
  EXPECT_EQ(waiting.result()->code(), ErrorCode::cancelled);
  find_table();
}

TEST_F(SetupTest, EndsWithItsStore) {
  setup->start();
  driver().take().fail(failure(DriverErrorCode::no_connection));
  table_->close();
  timers_.advance(seconds{1});
  EXPECT_EQ(code(), ErrorCode::cancelled);
}

}  // namespace
}  // namespace bytestore::cassandra
