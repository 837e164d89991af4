/// What servers are asked of themselves and of a table, and what is made of their answers.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

#include "cassandra/table/partitioner.hpp"
#include "cassandra/table/table_check.hpp"
#include "core/waiting_sink.hpp"
#include "support/borrowed_session.hpp"
#include "unit/support/table_name.hpp"
#include "unit/support/table_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr milliseconds kTimeout{1'234};

class QuestionTest : public ::testing::Test {
 protected:
  QuestionTest() { session.is_plain_by_itself = false; }

  static ErrorCode code_of(const Result<Refusal>& result) {
    return std::get<Refusal>(result).value().code();
  }

  FakeSession session;
  KeepingSink<Result<Refusal>> sink;
};

class PartitionerTest : public QuestionTest {
 protected:
  FakeRequest ask() {
    check_partitioner(borrowed(session), kTimeout, told(), sink);
    return session.take();
  }

  PartitionerTold told() {
    return [this](Partitioner partitioner) { partitioner_ = partitioner; };
  }

  Partitioner partitioner_ = Partitioner::untold;
};

TEST_F(PartitionerTest, ThoseWhoseRingIsKnownMayBeListed) {
  const auto request = ask();
  EXPECT_EQ(request.cql, "SELECT partitioner FROM system.local");
  EXPECT_EQ(request.options.timeout, kTimeout);
  request.answer(make_rows({{"org.apache.cassandra.dht.Murmur3Partitioner"}}));
  EXPECT_FALSE(std::get<Refusal>(sink.result()));
  EXPECT_EQ(partitioner_, Partitioner::murmur3);
  for (const auto* const name : {"RandomPartitioner", "ByteOrderedPartitioner"}) {
    KeepingSink<Result<Refusal>> each;
    check_partitioner(borrowed(session), kTimeout, told(), each);
    session.take().answer(make_rows({{name}}));
    EXPECT_FALSE(std::get<Refusal>(each.result()));
    EXPECT_EQ(partitioner_, partitioner_named(name));
  }
}

TEST_F(PartitionerTest, AnotherOneIsNamed) {
  for (const auto* const name :
       {"org.apache.cassandra.dht.OrderPreservingPartitioner",
        "com.amazonaws.cassandra.DefaultPartitioner", "NotMurmur3Partitioner"}) {
    KeepingSink<Result<Refusal>> each;
    check_partitioner(borrowed(session), kTimeout, told(), each);
    session.take().answer(make_rows({{name}}));
    const auto& refusal = std::get<Refusal>(each.result());
    ASSERT_TRUE(refusal) << name;
    EXPECT_EQ(refusal->code(), ErrorCode::schema);
    EXPECT_EQ(partitioner_, Partitioner::other);
    EXPECT_THAT(refusal->what(),
                AllOf(HasSubstr(name), HasSubstr("reads, writes and deletes by key work")));
  }
}

TEST_F(PartitionerTest, OneThatIsNotToldIsRefused) {
  for (const auto& rows : {Rows(), make_rows({{std::nullopt}}), make_rows({{""}})}) {
    KeepingSink<Result<Refusal>> each;
    check_partitioner(borrowed(session), kTimeout, told(), each);
    session.take().answer(rows);
    EXPECT_EQ(code_of(each.result()), ErrorCode::schema);
  }
  ask().fail(refused(DriverErrorCode::invalid, "Undefined column name partitioner"));
  EXPECT_EQ(code_of(sink.result()), ErrorCode::schema);
  EXPECT_THAT(std::get<Refusal>(sink.result())->what(), HasSubstr("do not tell"));
  EXPECT_EQ(partitioner_, Partitioner::other);
}

TEST_F(PartitionerTest, AFailureIsNoAnswer) {
  ask().fail(refused(DriverErrorCode::attempt_timeout));
  EXPECT_EQ(std::get<DriverError>(sink.result()).code, DriverErrorCode::attempt_timeout);
  EXPECT_EQ(partitioner_, Partitioner::untold);
}

class TableCheckTest : public QuestionTest {
 protected:
  void ask(std::string user = "me") { ask(std::move(user), sink); }

  void ask(std::string user, RefusalSink& each) {
    traits_.reset();
    check_table(
        borrowed(session), kName, std::move(user), kTimeout,
        [this](const TableTraits& traits) { traits_ = traits; }, each);
  }

  /// Answers that there is a mask, and what the table is like.
  void find_mask(const std::vector<std::vector<std::optional<std::string>>>& columns = {
                     {"body_blob"}}) {
    session.take().answer(make_rows(columns));
    expect_question("DESCRIBE TABLE \"app\".\"kv\"", described(""));
  }

  /// What a server answers that would make the table by a statement with `options`.
  static Rows described(std::string_view options) {
    return make_rows({{"app", "table", "kv",
                       fmt::format("CREATE TABLE app.kv (\n    row_id text PRIMARY KEY,\n    "
                                   "body_blob blob\n) WITH additional_write_policy = '99p'{};",
                                   options)}});
  }

  /// Of a table without masks.
  bool is_transactional(std::string_view options) {
    KeepingSink<Result<Refusal>> each;
    ask("me", each);
    session.take().answer(make_rows({{"note"}}));
    session.take().answer(described(options));
    EXPECT_FALSE(std::get<Refusal>(each.result()));
    return traits_.value().is_transactional;
  }

  void expect_question(std::string_view cql, Result<Rows> answer) {
    const auto request = session.take();
    EXPECT_EQ(request.cql, cql);
    EXPECT_EQ(request.options.timeout, kTimeout);
    request.rows_sink->done(std::move(answer));
  }

  void expect_passed() {
    ASSERT_TRUE(sink.is_done());
    EXPECT_FALSE(std::get<Refusal>(sink.result()));
    EXPECT_EQ(session.waiting(), 0U);
  }

  std::string expect_refused() {
    EXPECT_EQ(session.waiting(), 0U);
    EXPECT_EQ(code_of(sink.result()), ErrorCode::unauthorized);
    return std::get<Refusal>(sink.result())->what();
  }

  static constexpr std::string_view kPermission =
      "LIST UNMASK PERMISSION ON TABLE \"app\".\"kv\" OF 'me'";
  static constexpr std::string_view kLimit =
      "SELECT value FROM system_views.settings WHERE name = 'max_mutation_size_in_kb'";

  std::optional<TableTraits> traits_;
};

TEST_F(TableCheckTest, ATableWithoutMasksTakesTwoRequests) {
  ask();
  expect_question(
      "SELECT column_name FROM system_schema.column_masks WHERE keyspace_name = 'app' AND "
      "table_name = 'kv'",
      make_rows({{"note"}}));
  expect_question("DESCRIBE TABLE \"app\".\"kv\"", described(""));
  expect_passed();
  EXPECT_FALSE(traits_.value().is_transactional);
}

TEST_F(TableCheckTest, ATransactionalTableIsToldByItsDescription) {
  constexpr std::string_view kOptions =
      "\n    AND transactional_mode = '{}'\n    AND transactional_migration_from = '{}'";
  const auto is = [&](std::string_view mode, std::string_view before) {
    return is_transactional(fmt::format(fmt::runtime(kOptions), mode, before));
  };
  EXPECT_EQ(is("off", "none"), false);
  EXPECT_EQ(is("full", "none"), true);
  EXPECT_EQ(is("mixed_reads", "none"), true);
  EXPECT_EQ(is("off", "full"), true) << "it is ceasing to be";
}

TEST_F(TableCheckTest, ACommentIsNoMode) {
  EXPECT_EQ(is_transactional("\n    AND comment = 'not transactional_mode = ''full'''\n    AND "
                             "transactional_mode = 'off'"),
            false);
  EXPECT_EQ(is_transactional("\n    AND comment = 'not transactional_mode = ''off'''\n    AND "
                             "transactional_mode = 'full'"),
            true);
}

TEST_F(TableCheckTest, AServerThatDescribesNothingHasNoTransactions) {
  for (const auto code : {DriverErrorCode::invalid, DriverErrorCode::syntax}) {
    KeepingSink<Result<Refusal>> each;
    ask("me", each);
    session.take().answer();
    session.take().fail(refused(code));
    EXPECT_FALSE(std::get<Refusal>(each.result()));
    EXPECT_FALSE(traits_.value().is_transactional);
  }
}

TEST_F(TableCheckTest, ServersThatKnowNoMasksAreAskedForTheirLimit) {
  for (const auto code : {DriverErrorCode::unknown_table, DriverErrorCode::invalid,
                          DriverErrorCode::unauthorized, DriverErrorCode::syntax}) {
    KeepingSink<Result<Refusal>> each;
    ask("me", each);
    session.take().fail(refused(code));
    expect_question(std::string(kLimit), make_rows({{"2048"}}));
    ASSERT_TRUE(each.is_done());
    EXPECT_FALSE(std::get<Refusal>(each.result()));
    EXPECT_EQ(session.waiting(), 0U);
    EXPECT_FALSE(traits_.value().is_transactional);
    EXPECT_EQ(traits_->largest_write, std::size_t{2} << 20);
  }
}

TEST_F(TableCheckTest, ALimitThatIsNotToldIsTheUsualOne) {
  const auto largest_write = [&](const Result<Rows>& told) {
    KeepingSink<Result<Refusal>> each;
    ask("me", each);
    session.take().fail(refused(DriverErrorCode::invalid));
    expect_question(std::string(kLimit), told);
    EXPECT_FALSE(std::get<Refusal>(each.result()));
    return traits_.value().largest_write;
  };
  EXPECT_EQ(largest_write(refused(DriverErrorCode::invalid)), kUsualLargestWrite) << "3.11";
  EXPECT_EQ(largest_write(refused(DriverErrorCode::unauthorized)), kUsualLargestWrite);
  EXPECT_EQ(largest_write(Rows()), kUsualLargestWrite) << "4.1 has another name for it";
  EXPECT_EQ(largest_write(make_rows({{std::nullopt}})), kUsualLargestWrite);
  EXPECT_EQ(largest_write(make_rows({{"much"}})), kUsualLargestWrite);
}

TEST_F(TableCheckTest, ARoleThatMayUnmaskPasses) {
  ask();
  find_mask();
  expect_question(kPermission, make_rows({{"me", "me", "<keyspace app>", "UNMASK"}}));
  expect_passed();
}

TEST_F(TableCheckTest, ASuperuserPasses) {
  ask();
  find_mask();
  expect_question(kPermission, Rows());
  expect_question("LIST ROLES OF 'me'",
                  make_rows({{"me", std::string(1, '\0')}, {"boss", std::string(1, '\1')}}));
  expect_passed();
}

TEST_F(TableCheckTest, AnOrdinaryRoleIsRefusedAndToldWhatToDo) {
  ask();
  find_mask({{"row_id"}, {"note"}, {"body_blob"}});
  expect_question(kPermission, Rows());
  expect_question("LIST ROLES OF 'me'", make_rows({{"me", std::string(1, '\0')}}));
  EXPECT_THAT(expect_refused(),
              AllOf(HasSubstr("row_id and body_blob"), HasSubstr("the role me"),
                    HasSubstr("GRANT UNMASK ON TABLE \"app\".\"kv\""), HasSubstr("DROP MASKED")));
}

TEST_F(TableCheckTest, WhereNothingIsForbiddenTheyAreNoMatter) {
  ask();
  find_mask();
  expect_question(kPermission, refused(DriverErrorCode::invalid,
                                       "LIST PERMISSIONS operation is not supported by "
                                       "AllowAllAuthorizer"));
  expect_passed();
}

TEST_F(TableCheckTest, WhereNobodyLogsInTheyAreNoMatter) {
  ask("");
  find_mask();
  expect_question("LIST UNMASK PERMISSION ON TABLE \"app\".\"kv\"",
                  refused(DriverErrorCode::unauthorized));
  expect_question("LIST ROLES", refused(DriverErrorCode::unauthorized));
  expect_passed();
}

TEST_F(TableCheckTest, ARoleWithoutANameIsRefusedUnlessItIsASuperuser) {
  ask("");
  find_mask();
  session.take().fail(refused(DriverErrorCode::unauthorized));
  expect_question("LIST ROLES", make_rows({{"somebody", std::string(1, '\0')}}));
  EXPECT_THAT(expect_refused(), HasSubstr("the role of this session"));

  KeepingSink<Result<Refusal>> superuser;
  ask("", superuser);
  find_mask();
  session.take().answer();
  EXPECT_FALSE(std::get<Refusal>(superuser.result()));
}

TEST_F(TableCheckTest, ARoleThatTheServerKnowsByAnotherNameIsRefused) {
  ask();
  find_mask();
  expect_question(kPermission, refused(DriverErrorCode::invalid, "<role me> doesn't exist"));
  expect_question("LIST ROLES", make_rows({{"somebody", std::string(1, '\0')}}));
  expect_refused();
}

TEST_F(TableCheckTest, NamesAreQuoted) {
  ask("o'neil");
  find_mask();
  expect_question("LIST UNMASK PERMISSION ON TABLE \"app\".\"kv\" OF 'o''neil'",
                  make_rows({{"o'neil", "o'neil", "<table app.kv>", "UNMASK"}}));
  expect_passed();
}

TEST_F(TableCheckTest, AFailureIsNoAnswerToAnyQuestion) {
  for (int questions = 0; questions < 8; ++questions) {
    const auto code =
        questions < 4 ? DriverErrorCode::attempt_timeout : DriverErrorCode::roles_unavailable;
    KeepingSink<Result<Refusal>> each;
    ask("me", each);
    for (int question = 0; question < questions % 4; ++question) {
      session.take().answer(question == 0 ? make_rows({{"row_id"}}) : Rows());
    }
    session.take().fail(refused(code));
    EXPECT_EQ(std::get<DriverError>(each.result()).code, code);
  }
}

}  // namespace
}  // namespace bytestore::cassandra
