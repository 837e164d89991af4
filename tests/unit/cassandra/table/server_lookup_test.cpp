// What is asked of a server about itself, without one; and the fake driver that stands in for it.

#include <gtest/gtest.h>

#include "cassandra/cql/big_endian.hpp"
#include "cassandra/session/clock_probe.hpp"
#include "cassandra/table/table_lookup.hpp"
#include "core/waiting_sink.hpp"
#include "support/borrowed_session.hpp"
#include "unit/support/fake_driver.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;

template <typename T>
const DriverError& error_in(const Result<T>& result) {
  return std::get<DriverError>(result);
}

TEST(WireTest, IntegersAreReadAsTheyAreWritten) {
  for (const std::int64_t number : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
    EXPECT_EQ(read_integer<std::int64_t>(as_bytes(wire(number))), number);
  }
  EXPECT_EQ(read_integer<std::int32_t>(as_bytes(wire(std::int32_t{-2}))), -2);
  EXPECT_FALSE(read_integer<std::int64_t>(std::nullopt));
  EXPECT_FALSE(read_integer<std::int64_t>(as_bytes("short")));
}

TEST(RowsTest, CellsAreFoundInTheirFrame) {
  const Rows rows = make_rows({{"a", std::nullopt}, {"", "value"}});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.text(0, 0), "a");
  EXPECT_FALSE(rows.cell(0, 1));
  EXPECT_FALSE(rows.value(0, 1));
  EXPECT_EQ(rows.cell(1, 0)->size(), 0U);
  EXPECT_EQ(rows.value(1, 1)->data(), rows.cell(1, 1)->data()) << "over half of the frame";
  EXPECT_NE(rows.value(0, 0)->data(), rows.cell(0, 0)->data()) << "under half of the frame";
  EXPECT_EQ(Rows{}.size(), 0U);
  EXPECT_TRUE(Rows{}.paging_state().empty());
}

class ClockTest : public ::testing::Test {
 protected:
  FakeSession session;
  core::WaitingSink<Result<ClockReading>> sink;
  const NodeId node{.high = 1, .low = 2};
};

TEST_F(ClockTest, OneNodeIsAskedAndNoOther) {
  read_clock(session, node, milliseconds{7}, sink);
  const FakeRequest request = session.take();
  EXPECT_EQ(request.replicas, std::vector{node});
  EXPECT_FALSE(request.options.others_may_serve);
  EXPECT_EQ(request.options.timeout, milliseconds{7});
  request.answer(make_rows({{wire(std::int64_t{1234})}}));
  const auto reading = std::get<ClockReading>(sink.wait());
  EXPECT_EQ(reading.server.time_since_epoch(), milliseconds{1234});
  EXPECT_LE(reading.before, reading.after);
}

TEST_F(ClockTest, AnErrorIsPassedOn) {
  read_clock(session, node, {}, sink);
  session.take().fail({.code = DriverErrorCode::no_connection});
  EXPECT_EQ(error_in(sink.wait()).code, DriverErrorCode::no_connection);
}

TEST_F(ClockTest, AnAnswerWithoutATimeIsAnError) {
  read_clock(session, node, {}, sink);
  session.take().answer(make_rows({{std::nullopt}}));
  EXPECT_EQ(error_in(sink.wait()).code, DriverErrorCode::protocol);
}

TEST(ClockReadingTest, TheDifferenceIsWhatIsCertain) {
  const auto at = [](int time) { return ClockReading::Time{milliseconds{time}}; };
  EXPECT_EQ((ClockReading{at(10), at(15), at(20)}).ahead(), milliseconds{0});
  EXPECT_EQ((ClockReading{at(10), at(25), at(20)}).ahead(), milliseconds{5});
  EXPECT_EQ((ClockReading{at(10), at(7), at(20)}).ahead(), milliseconds{-3});
}

class TableLookupTest : public ::testing::Test {
 protected:
  void look_up(std::string_view keyspace, std::string_view table) {
    look_up_table(borrowed(session), keyspace, table, sink);
  }

  FakeSession session;
  core::WaitingSink<Result<TableDescription>> sink;
};

TEST_F(TableLookupTest, ATableHasColumns) {
  look_up("ks", "t");
  session.take().answer(make_rows({{"t"}}));
  const FakeRequest columns = session.take();
  EXPECT_TRUE(columns.cql.ends_with(" WHERE keyspace_name = 'ks' AND table_name = 't'"))
      << columns.cql;
  columns.answer(
      make_rows({{"body_blob", "blob", "regular"}, {"row_id", "text", "partition_key"}}));
  const auto table = std::get<TableDescription>(sink.wait());
  EXPECT_TRUE(table.exists);
  EXPECT_TRUE(table.keyspace_exists);
  ASSERT_EQ(table.columns.size(), 2U);
  EXPECT_EQ(table.columns[0].kind, ColumnKind::regular);
  EXPECT_EQ(table.columns[1].type, "text");
  EXPECT_EQ(table.columns[1].kind, ColumnKind::partition_key);
}

TEST_F(TableLookupTest, WithoutATableTheKeyspaceIsLookedFor) {
  for (const bool keyspace : {true, false}) {
    core::WaitingSink<Result<TableDescription>> answer;
    look_up_table(borrowed(session), "ks", "t", answer);
    session.take().answer();
    const FakeRequest request = session.take();
    EXPECT_TRUE(request.cql.ends_with("system_schema.keyspaces WHERE keyspace_name = 'ks'"));
    request.answer(keyspace ? make_rows({{"ks"}}) : Rows{});
    const auto table = std::get<TableDescription>(answer.wait());
    EXPECT_FALSE(table.exists);
    EXPECT_EQ(table.keyspace_exists, keyspace);
  }
}

TEST_F(TableLookupTest, NamesAreQuoted) {
  look_up("k's", "t'; DROP TABLE x");
  const FakeRequest request = session.take();
  EXPECT_TRUE(request.cql.ends_with("= 'k''s' AND table_name = 't''; DROP TABLE x'"))
      << request.cql;
  request.fail({});
  static_cast<void>(sink.wait());
}

TEST_F(TableLookupTest, AnErrorEndsItAtEachStep) {
  look_up("ks", "t");
  session.take().answer(make_rows({{"t"}}));
  session.take().fail({.code = DriverErrorCode::unauthorized});
  EXPECT_EQ(error_in(sink.wait()).code, DriverErrorCode::unauthorized);
  EXPECT_EQ(session.waiting(), 0U);
}

TEST(FakeSessionTest, RequestsAreCopiedAndWait) {
  FakeSession session;
  core::WaitingSink<Result<std::shared_ptr<const Statement>>> preparing;
  session.prepare("SELECT x FROM t WHERE k IN ? LIMIT ?", preparing);
  const auto statement = std::get<0>(preparing.wait());
  ASSERT_NE(statement, nullptr);
  core::WaitingSink<Result<Rows>> sink;
  {
    const std::string_view keys[] = {"a", "b"};
    const Value values[] = {std::span<const std::string_view>(keys), std::int32_t{2}};
    session.execute(*statement, values, {.page_size = 10}, sink);
  }
  const FakeRequest request = session.take();
  EXPECT_EQ(request.kind, FakeRequest::Kind::execute);
  EXPECT_EQ(std::get<std::vector<std::string>>(request.values[0]),
            (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(std::get<std::int64_t>(request.values[1]), 2);
  EXPECT_EQ(request.options.page_size, 10);
  request.answer(make_rows({{"x"}}, "more", {"careful"}));
  const Rows rows = std::get<Rows>(sink.wait());
  EXPECT_EQ(rows.paging_state(), "more");
  EXPECT_EQ(rows.warnings(), std::vector<std::string>{"careful"});
  EXPECT_THROW(session.take(), std::logic_error);
}

TEST(FakeSessionTest, ItsEndIsTheEndOfWhatWaits) {
  core::WaitingSink<Result<Rows>> sink;
  {
    FakeSession session;
    session.query("SELECT", {}, sink);
  }
  EXPECT_EQ(error_in(sink.wait()).code, DriverErrorCode::session_ended);
}

}  // namespace
}  // namespace bytestore::cassandra
