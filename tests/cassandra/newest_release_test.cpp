/// What only Cassandra 6.0 has: constraints of columns, and transactional tables.

#include <string>

#include "cassandra_test.hpp"

namespace bytestore {
namespace {

using ::testing::AllOf;
using testing::batch_error_of;
using ::testing::Each;
using testing::entries_of;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Ne;
using testing::noise;
using testing::numbered_keys;
using ::testing::SizeIs;
using testing::text;

class NewestReleaseTest : public CassandraTest {
 protected:
  void make_table(const std::string& value_column, const std::string& options = "") const {
    ask("CREATE TABLE " + qualified_table() + " (row_id text PRIMARY KEY, " + value_column + ")" +
        options);
  }
};

TEST_F(NewestReleaseTest, AValueThatIsLongerThanAConstraintAllowsFailsAlone) {
  make_table("body_blob blob CHECK OCTET_LENGTH() < 1024");
  auto constrained = store();
  const auto error = batch_error_of([&] {
    constrained.mset({{"before", text("1")}, {"large", noise(2'000, 1)}, {"after", text("2")}});
  });
  EXPECT_THAT(error.failures(),
              ::testing::ElementsAre(AllOf(
                  Field(&KeyFailure::key, "large"), Field(&KeyFailure::code, ErrorCode::too_large),
                  Field(&KeyFailure::outcome, Outcome::failed),
                  Field(&KeyFailure::message, HasSubstr("does not satisfy value constraint")))));
  EXPECT_EQ(constrained.mget({"before", "large", "after"}),
            (ByteStore::Values{text("1"), std::nullopt, text("2")}));
}

TEST_F(NewestReleaseTest, AValueThatAnotherConstraintForbidsIsAnInvalidArgument) {
  make_table("body_blob blob CHECK OCTET_LENGTH() > 10");
  auto constrained = store();
  const auto error = batch_error_of(
      [&] { constrained.mset({{"short", text("1")}, {"long", text("1234567890 and more")}}); });
  ASSERT_THAT(error.failures(), SizeIs(1));
  EXPECT_EQ(error.failures()[0].key, "short");
  EXPECT_EQ(error.failures()[0].code, ErrorCode::invalid_argument);
  EXPECT_EQ(error.failures()[0].outcome, Outcome::failed);
  EXPECT_EQ(constrained.mget({"long"})[0], text("1234567890 and more"));
}

TEST_F(NewestReleaseTest, AColumnThatMustNotBeNullIsAnInvalidArgument) {
  make_table("body_blob blob, note text CHECK NOT NULL");
  auto constrained = store();
  const auto error = batch_error_of([&] { constrained.mset({{"a", text("1")}}); });
  EXPECT_EQ(error.failures()[0].code, ErrorCode::invalid_argument);
  EXPECT_EQ(error.failures()[0].outcome, Outcome::failed);
  EXPECT_THAT(error.failures()[0].message, HasSubstr("'note'"));
}

/// A level that a transactional table does not take is refused once, with the remedy.
TEST_F(NewestReleaseTest, ALevelThatATransactionalTableRefusesIsToldWithTheRemedy) {
  make_table("body_blob blob", " WITH transactional_mode = 'full'");
  const auto keys = numbered_keys("key", 1'000);
  auto refused = store();  // at LOCAL_QUORUM
  const auto error = batch_error_of([&] { refused.mset(entries_of(keys)); });
  EXPECT_THAT(error.failures(), SizeIs(keys.size()));
  EXPECT_THAT(error.failures(),
              Each(AllOf(Field(&KeyFailure::code, ErrorCode::schema),
                         Field(&KeyFailure::outcome, Outcome::failed),
                         Field(&KeyFailure::message, HasSubstr("consistency=quorum")))));
  EXPECT_LE(refused.stats().mset.requests, 32U) << "those that were under way";
  EXPECT_THAT(batch_error_of([&] { refused.mget(keys); }).failures(),
              Each(Field(&KeyFailure::code, ErrorCode::schema)));

  CassandraByteStore allowed(table, {.session = session, .consistency = Consistency::quorum});
  allowed.mset(entries_of(keys));
  EXPECT_THAT(allowed.mget(keys), Each(Ne(std::nullopt)));
}

TEST_F(NewestReleaseTest, OfMixedReadsOnlyWritesAreRefused) {
  make_table("body_blob blob", " WITH transactional_mode = 'mixed_reads'");
  auto mixed = store();
  const auto error = batch_error_of([&] { mixed.mset({{"a", text("1")}}); });
  EXPECT_EQ(error.failures()[0].code, ErrorCode::schema);
  EXPECT_THAT(error.failures()[0].message, HasSubstr("consistency=quorum"));
  EXPECT_EQ(mixed.mget({"a"})[0], std::nullopt);
}

}  // namespace
}  // namespace bytestore
