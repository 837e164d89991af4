/// Calls on a table that is transactional, on the fake driver.

#include <gmock/gmock.h>

#include <cstdint>
#include <string>
#include <variant>

#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class TransactionalCallTest : public VerbRig {
 protected:
  void SetUp() override { open({}); }

  /// Opens a store on a table in such a mode.
  void open(const TableSettings& settings, const std::string& mode = "full") {
    connect({}, fixed(kWindow), settings);
    table_->answer_sizes().read(10, 1, 1);
    driver().is_plain_by_itself = false;
    table_->setup().when_done([](const TableSetup::Outcome&) {});
    driver().take().answer();  // no masks
    driver().take().answer(make_rows({{"app", "table", "kv",
                                       "CREATE TABLE app.kv (row_id text PRIMARY KEY, body_blob "
                                       "blob) WITH transactional_mode = '" +
                                           mode + "';"}}));
  }

  /// Where a request has its timestamp among its values.
  static std::int64_t bound(const FakeRequest& request, std::size_t i) {
    EXPECT_FALSE(request.options.timestamp) << "it has one already";
    return std::get<std::int64_t>(request.values.at(i));
  }
};

/// As it does a query that the limit does not keep within a page.
TEST_F(TransactionalCallTest, SeveralKeysAreReadPageByPage) {
  mget();
  const auto request = driver().take();
  EXPECT_THAT(request.cql, HasSubstr("WHERE row_id IN ? LIMIT ?"));
  EXPECT_EQ(request.options.page_size, 4) << "all rows are on one page, which is not full";
  EXPECT_EQ(std::get<std::int64_t>(request.values.at(1)), 5);
  request.answer(make_rows({{"a", "1"}, {"b", "2"}, {"c", "3"}}));
  EXPECT_THAT(read.result().values, SizeIs(3));
  EXPECT_TRUE(read.result().failures.empty());
}

TEST_F(TransactionalCallTest, TheTimestampIsInTheStatement) {
  mset({{"a", {}}});
  const auto single = driver().take();
  EXPECT_THAT(single.cql, HasSubstr("USING TIMESTAMP ?"));
  const auto first = bound(single, 2);
  single.answer();

  KeepingSink<core::WriteResult> stored;
  entries = {{"a", {}}, {"b", {}}};
  start_mset(table_, entries, call(), stored);
  const auto batch = driver().take();
  EXPECT_THAT(batch.values, SizeIs(6));
  EXPECT_GT(bound(batch, 2), first);
  EXPECT_EQ(bound(batch, 2), bound(batch, 5)) << "a call has one timestamp";
  batch.answer();

  KeepingSink<core::WriteResult> deleted;
  keys = {"a", "b"};
  start_mdelete(table_, keys, call(), deleted);
  const auto group = driver().take();
  EXPECT_EQ(group.cql, "DELETE FROM \"app\".\"kv\" USING TIMESTAMP ? WHERE row_id IN ?");
  EXPECT_GT(bound(group, 0), bound(batch, 2));
  group.answer();

  KeepingSink<core::WriteResult> one;
  keys = {"a"};
  start_mdelete(table_, keys, call(), one);
  const auto last = driver().take();
  EXPECT_EQ(last.cql, "DELETE FROM \"app\".\"kv\" USING TIMESTAMP ? WHERE row_id = ?");
  EXPECT_GT(bound(last, 0), bound(group, 0));
  last.answer();
}

TEST_F(TransactionalCallTest, ARetryHasTheSameTimestamp) {
  mset({{"a", {}}});
  const auto request = driver().take();
  const auto timestamp = bound(request, 2);
  request.fail(failure(DriverErrorCode::overloaded));
  timers_.advance(std::chrono::seconds{1});
  const auto again = driver().take();
  EXPECT_EQ(bound(again, 2), timestamp);
  again.answer();
}

TEST_F(TransactionalCallTest, AStoreThatTakesTheServersTimeBindsNone) {
  open({.client_timestamps = false});
  mset({{"a", {}}});
  const auto request = driver().take();
  EXPECT_THAT(request.values, SizeIs(2));
  EXPECT_FALSE(request.options.timestamp);
  request.answer();
}

TEST_F(TransactionalCallTest, OtherTablesAreReadInGroupsAndStampedByTheProtocol) {
  open({}, "off");
  mget();
  const auto group = driver().take();
  EXPECT_EQ(group.options.page_size, 3);
  EXPECT_EQ(std::get<std::int64_t>(group.values.at(1)), 3) << "all is read at once";
  group.answer();
  mset({{"a", {}}});
  const auto request = driver().take();
  EXPECT_THAT(request.values, SizeIs(2));
  EXPECT_TRUE(request.options.timestamp);
  request.answer();
}

}  // namespace
}  // namespace bytestore::cassandra
