/// Tables that are not quite those of LangChain, on the fake driver.

#include <gmock/gmock.h>

#include "cassandra/calls/key_listing.hpp"
#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LayoutsTest : public VerbRig {
 protected:
  void SetUp() override { connect({}, fixed(kWindow), {}); }

  void start_setup() {
    table_ = make_table();
    table_->answer_sizes().read(10, 1, 1);
    table_->setup().start();
  }

  /// Answers the look-up.
  void find_table(const std::string& key_type, const std::string& value_kind) {
    driver().take().answer(make_rows({{"kv"}}));
    driver().take().answer(
        make_rows({{"row_id", key_type, "partition_key"}, {"body_blob", "blob", value_kind}}));
  }

  void open(const std::string& key_type, const std::string& value_kind) {
    start_setup();
    find_table(key_type, value_kind);
    table_->setup().check();
  }

  static auto is_refused() {
    return ::testing::Optional(
        AllOf(::testing::Property(&Error::code, ErrorCode::invalid_argument),
              ::testing::Property(
                  &Error::what, AllOf(HasSubstr("key 1 of 3"), HasSubstr("not ASCII at byte 2")))));
  }
};

TEST_F(LayoutsTest, KeysThatAreNotAsciiAreRefusedWithTheirPosition) {
  open("ascii", "regular");
  keys = {"a", "na\u00efve", "c"};
  mget();
  EXPECT_THAT(read.result().error, is_refused());
  mdelete();
  EXPECT_THAT(written.result().error, is_refused());
  KeepingSink<core::WriteResult> stored;
  entries = {{keys[0], {}}, {keys[1], {}}, {keys[2], {}}};
  start_mset(table_, entries, call(), stored);
  EXPECT_THAT(stored.result().error, is_refused());
  EXPECT_EQ(driver().waiting(), 0U) << "nothing was sent";

  keys = {"a", "b", "\x7f"};
  KeepingSink<core::ReadResult> ascii;
  start_mget(table_, keys, call(), ascii);
  driver().take().answer(make_rows({{"b", "2"}}));
  EXPECT_THAT(ascii.result().values, ElementsAre(std::nullopt, Bytes::copy("2"), std::nullopt));
}

TEST_F(LayoutsTest, KeysAreRefusedAlsoByACallThatWaitedForTheSetUp) {
  start_setup();
  keys = {"a", "na\u00efve", "c"};
  mget();
  EXPECT_FALSE(read.is_done());
  find_table("ascii", "regular");
  EXPECT_THAT(read.result().error, is_refused());
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(LayoutsTest, APrefixThatIsNotAsciiIsRefused) {
  open("ascii", "regular");
  KeepingSink<core::PageResult> refused;
  KeyListing scan(table_, "\u00e9", "");
  scan.next_page(call(), refused);
  ASSERT_TRUE(refused.result().error);
  EXPECT_EQ(refused.result().error->code(), ErrorCode::invalid_argument);
  EXPECT_THAT(refused.result().error->what(), HasSubstr("not ASCII at byte 0"));
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(LayoutsTest, OtherTablesHaveAnyKey) {
  open("text", "regular");
  keys = {"na\u00efve"};
  mget();
  driver().take().answer(row("value"));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("value")));
}

TEST_F(LayoutsTest, OfStaticValuesOneIsReadForEachKey) {
  open("text", "static");
  mget();
  auto request = driver().take();
  EXPECT_EQ(request.cql,
            "SELECT DISTINCT row_id, body_blob FROM \"app\".\"kv\" WHERE row_id IN ? LIMIT ?");
  request.answer(make_rows({{"a", "1"}, {"c", "3"}}));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("1"), std::nullopt, Bytes::copy("3")));
  EXPECT_THAT(read.result().failures, IsEmpty());

  keys = {"a"};
  KeepingSink<core::ReadResult> one;
  start_mget(table_, keys, call(), one);
  request = driver().take();
  EXPECT_EQ(request.cql, "SELECT body_blob FROM \"app\".\"kv\" WHERE row_id = ? LIMIT 1");
  request.answer(row("1"));
  EXPECT_THAT(one.result().values, ElementsAre(Bytes::copy("1")));
}

TEST_F(LayoutsTest, AWriteOverTheLimitOfAnOldServerIsSentOnce) {
  const std::string value(20'000'000, 'v');
  mset({{keys[0], as_bytes(value)}});
  driver().take().fail(
      {.code = DriverErrorCode::write_failure, .maybe_sent = true, .received = 0, .required = 1});
  EXPECT_EQ(failure_at(0).code, ErrorCode::too_large);
  EXPECT_EQ(failure_at(0).outcome, Outcome::failed);
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(LayoutsTest, AValueThatTheTableDoesNotAllowFailsAlone) {
  mset({{keys[0], as_bytes("1")}, {keys[1], as_bytes("2")}});
  driver().take().fail(failure(DriverErrorCode::refused_value));
  timers_.advance(std::chrono::seconds{1});
  driver().take().answer();
  driver().take().fail(failure(DriverErrorCode::refused_value));
  ASSERT_EQ(written.result().failures.size(), 1U);
  EXPECT_EQ(failure_at(0).index, 1U);
  EXPECT_EQ(failure_at(0).code, ErrorCode::invalid_argument);
  EXPECT_EQ(failure_at(0).outcome, Outcome::failed);
  EXPECT_THAT(failure_at(0).message, AllOf(HasSubstr("the table does not allow the key or value"),
                                           HasSubstr("the driver's words")));
}

}  // namespace
}  // namespace bytestore::cassandra
