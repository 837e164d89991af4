/// Answers that cannot be those to what was asked, on the fake driver: of tables with masks, or
/// with several rows for a key.

#include <gmock/gmock.h>

#include <map>
#include <memory>

#include "cassandra/calls/key_listing.hpp"
#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DoubtfulAnswerTest : public VerbRig {
 protected:
  void SetUp() override {
    connect_with_groups();
    driver().is_plain_by_itself = false;
    table_->setup().when_done([](const TableSetup::Outcome&) {});
    find_no_masks();
  }

  void find_no_masks() {
    const auto request = driver().take();
    EXPECT_THAT(request.cql, HasSubstr("system_schema.column_masks"));
    request.answer();
    driver().take().answer();  // to DESCRIBE TABLE
  }

  /// Answers that a column is masked, and that somebody is logged in.
  void find_masks() {
    const auto request = driver().take();
    EXPECT_THAT(request.cql, HasSubstr("system_schema.column_masks"));
    request.answer(make_rows({{"row_id"}}));
    driver().take().answer();  // to DESCRIBE TABLE
    driver().take().fail(failure(DriverErrorCode::unauthorized));
    driver().take().answer(make_rows({{"somebody", std::string(1, '\0')}}));
  }

  /// Takes the requests for one key each, after those for several were in doubt.
  std::map<std::string, FakeRequest> take_singles() {
    timers_.advance(seconds{1});
    std::map<std::string, FakeRequest> singles;
    while (driver().waiting() > 0) {
      auto request = driver().take();
      EXPECT_THAT(request.cql, HasSubstr("WHERE row_id = ?"));
      const std::string key = key_of(request);
      singles.emplace(key, std::move(request));
    }
    return singles;
  }
};

TEST_F(DoubtfulAnswerTest, ARowOfAnotherKeyIsAMask) {
  mget();
  driver().take().answer(make_rows({{"****", "1"}, {"****", "2"}}));
  EXPECT_FALSE(read.is_done());
  find_masks();
  ASSERT_TRUE(read.result().error);
  EXPECT_EQ(read.result().error->code(), ErrorCode::unauthorized);
  EXPECT_THAT(read.result().error->what(), HasSubstr("UNMASK"));
  EXPECT_EQ(driver().waiting(), 0U);
}

TEST_F(DoubtfulAnswerTest, OneKeyIsNotGivenTheValueOfAnother) {
  keys = {"a*c", "abc"};
  mget();
  driver().take().answer(make_rows({{"a*c", "of a*c"}, {"a*c", "of abc"}}));
  find_masks();
  EXPECT_EQ(read.result().error->code(), ErrorCode::unauthorized);
}

TEST_F(DoubtfulAnswerTest, WithoutMasksEachKeyIsAskedForByItself) {
  for (const auto& rows : {make_rows({{"other", "1"}}), make_rows({{"a", "x"}, {"a", "y"}})}) {
    KeepingSink<core::ReadResult> sink;
    start_mget(table_, keys, call(), sink);
    driver().take().answer(rows);
    find_no_masks();
    EXPECT_FALSE(sink.is_done());
    auto singles = take_singles();
    ASSERT_THAT(singles, SizeIs(3));
    singles.at("a").answer(make_rows({{"1"}}));
    singles.at("b").answer();
    singles.at("c").answer(make_rows({{"3"}}));
    EXPECT_THAT(sink.result().values,
                ElementsAre(Bytes::copy("1"), std::nullopt, Bytes::copy("3")));
    EXPECT_THAT(sink.result().failures, IsEmpty());
  }
}

TEST_F(DoubtfulAnswerTest, AKeyWithSeveralValuesFailsAndItsNeighboursDoNot) {
  mget();
  driver().take().answer(make_rows({{"a", std::nullopt}, {"a", "x"}, {"b", "2"}}));
  find_no_masks();
  auto singles = take_singles();
  singles.at("a").answer(make_rows({{std::nullopt}, {"x"}}));
  singles.at("b").answer(make_rows({{"2"}}));
  singles.at("c").answer(make_rows({{"3"}, {"3"}}));  // as a static column has it
  EXPECT_THAT(read.result().values, ElementsAre(std::nullopt, Bytes::copy("2"), Bytes::copy("3")));
  ASSERT_THAT(read.result().failures, SizeIs(1));
  EXPECT_EQ(read.result().failures[0].key, "a");
  EXPECT_EQ(read.result().failures[0].code, ErrorCode::schema);
  EXPECT_THAT(read.result().failures[0].message, HasSubstr("several rows"));
}

TEST_F(DoubtfulAnswerTest, ARowAgainOnALaterPageIsSeenToo) {
  mget();
  driver().take().answer(make_rows({{"a", "1"}, {"b", std::nullopt}}, "page 2"));
  driver().take().answer(make_rows({{"b", "2"}}));
  find_no_masks();
  auto singles = take_singles();
  ASSERT_THAT(singles, SizeIs(3));
  for (auto& [key, request] : singles) request.answer();
  EXPECT_THAT(read.result().values, ElementsAre(std::nullopt, std::nullopt, std::nullopt))
      << "nothing of the doubtful answer is kept";
}

TEST_F(DoubtfulAnswerTest, ACallThatWaitsForItCanBeCancelled) {
  mget();
  driver().take().answer(make_rows({{"****", "1"}}));
  closing_.request_stop();
  ASSERT_THAT(read.result().failures, SizeIs(3));
  EXPECT_EQ(read.result().failures[0].code, ErrorCode::cancelled);
  find_no_masks();
  EXPECT_EQ(driver().waiting(), 0U);
}

/// Listings of a table that is masked after the listing has begun, if it is.
class DoubtfulListingTest : public TableRig {
 protected:
  using Cells = std::vector<std::vector<std::optional<std::string>>>;

  void SetUp() override {
    TableRig::SetUp();
    driver().is_plain_by_itself = false;
    driver().by_itself = [this](const FakeRequest& request) { answer(request); };
  }

  void answer(const FakeRequest& request) {
    const auto asks_for = [&](std::string_view what) {
      return request.cql.find(what) != std::string::npos;
    };
    if (asks_for("column_masks")) {
      const bool is_masked = masks_questions++ > 0 && gets_masked;
      return request.answer(is_masked ? make_rows({{"row_id"}}) : Rows());
    }
    if (asks_for("DESCRIBE TABLE")) return request.answer();
    if (asks_for("LIST UNMASK")) return request.fail(failure(DriverErrorCode::unauthorized));
    if (asks_for("LIST ROLES")) return request.answer(make_rows({{"me", std::string(1, '\0')}}));
    if (asks_for("partitioner")) {
      return request.answer(make_rows({{"org.apache.cassandra.dht.Murmur3Partitioner"}}));
    }
    request.answer(make_rows(first_page));
    first_page.clear();  // the other ranges are empty
  }

  /// The first step.
  const core::PageResult& list() {
    listing = std::make_unique<KeyListing>(table_, "", "");
    listing->next_page(call(), page);
    return page.result();
  }

  Cells first_page;
  bool gets_masked = true;
  int masks_questions = 0;
  std::unique_ptr<KeyListing> listing;
  KeepingSink<core::PageResult> page;
};

TEST_F(DoubtfulListingTest, KeysThatAreAlikeAreMasks) {
  first_page = {{"****"}, {"****"}};
  const auto& result = list();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->code(), ErrorCode::unauthorized);
  EXPECT_THAT(result.keys, IsEmpty());
}

TEST_F(DoubtfulListingTest, AKeyOfAnotherRangeIsAMask) {
  first_page = {{"****"}};
  const auto& result = list();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->code(), ErrorCode::unauthorized);
}

TEST_F(DoubtfulListingTest, AKeyThatIsThereTwiceIsAnErrorAlsoWithoutMasks) {
  gets_masked = false;
  first_page = {{"key"}, {"key"}};
  const auto& result = list();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->code(), ErrorCode::io);
  EXPECT_THAT(result.error->what(), HasSubstr("a key twice"));
  EXPECT_EQ(masks_questions, 2);
}

TEST_F(DoubtfulListingTest, WithoutMasksAKeyIsOneWhereverItIs) {
  gets_masked = false;
  first_page = {{"of elsewhere"}};
  EXPECT_THAT(list().keys, ElementsAre("of elsewhere"));
  EXPECT_EQ(masks_questions, 2);
}

}  // namespace
}  // namespace bytestore::cassandra
