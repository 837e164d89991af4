/// What the verbs mean: absent keys, empty batches, duplicates, overwriting, deleting, reopening.

#include <chrono>
#include <map>
#include <set>
#include <stop_token>

#include "contract_test.hpp"

namespace bytestore::contract {
namespace {

class Semantics : public ContractTest {};

TEST_P(Semantics, ReadsWhatWasWritten) {
  store().mset({{"a", text("1")}, {"b", text("2")}});
  EXPECT_EQ(store().mget({"a", "b"}), (ByteStore::Values{text("1"), text("2")}));
}

TEST_P(Semantics, AnswersInTheOrderOfTheKeys) {
  store().mset({{"a", text("1")}, {"b", text("2")}, {"c", text("3")}});
  EXPECT_EQ(store().mget({"c", "a", "b"}), (ByteStore::Values{text("3"), text("1"), text("2")}));
}

TEST_P(Semantics, AnAbsentKeyIsAnEmptyOptionalAtItsPosition) {
  store().mset({{"a", text("1")}});
  EXPECT_EQ(store().mget({"nope", "a", "a "}),
            (ByteStore::Values{std::nullopt, text("1"), std::nullopt}));
}

TEST_P(Semantics, AnEmptyValueIsNotAnAbsentOne) {
  store().mset({{"empty", Bytes()}});
  const auto values = store().mget({"empty", "absent"});
  ASSERT_TRUE(values[0].has_value());
  EXPECT_EQ(values[0]->size(), 0U);
  EXPECT_FALSE(values[1].has_value());
}

TEST_P(Semantics, EmptyBatchesSucceed) {
  EXPECT_EQ(store().mget({}), ByteStore::Values{});
  EXPECT_NO_THROW(store().mset({}));
  EXPECT_NO_THROW(store().mdelete({}));
  EXPECT_EQ(sorted_keys(), std::vector<std::string>{});
}

TEST_P(Semantics, MgetAnswersEachPositionOfADuplicate) {
  store().mset({{"a", text("1")}});
  EXPECT_EQ(store().mget({"a", "x", "a", "x", "a"}),
            (ByteStore::Values{text("1"), std::nullopt, text("1"), std::nullopt, text("1")}));
}

TEST_P(Semantics, OfDuplicatesInMsetTheLastWins) {
  store().mset({{"a", text("1")}, {"b", text("2")}, {"a", text("3")}, {"a", text("4")}});
  EXPECT_EQ(store().mget({"a", "b"}), (ByteStore::Values{text("4"), text("2")}));
  EXPECT_EQ(sorted_keys(), (std::vector<std::string>{"a", "b"}));
}

TEST_P(Semantics, OfDuplicatesTheLastWinsAlsoWhenItIsEmpty) {
  store().mset({{"a", text("1")}, {"a", Bytes()}});
  EXPECT_EQ(store().mget({"a"}), ByteStore::Values{Bytes()});
}

TEST_P(Semantics, DuplicatesInMdeleteAreHarmless) {
  store().mset({{"a", text("1")}});
  EXPECT_NO_THROW(store().mdelete({"a", "a"}));
  EXPECT_EQ(store().mget({"a"}), ByteStore::Values{std::nullopt});
}

TEST_P(Semantics, MsetOverwrites) {
  store().mset({{"a", text("a long first value")}});
  store().mset({{"a", text("2")}});
  EXPECT_EQ(store().mget({"a"}), ByteStore::Values{text("2")});
}

TEST_P(Semantics, RepeatingMsetAndMdeleteChangesNothing) {
  for (int i = 0; i < 3; ++i) store().mset({{"a", text("1")}, {"b", text("2")}});
  EXPECT_EQ(store().mget({"a", "b"}), (ByteStore::Values{text("1"), text("2")}));
  for (int i = 0; i < 3; ++i) store().mdelete({"a"});
  EXPECT_EQ(store().mget({"a", "b"}), (ByteStore::Values{std::nullopt, text("2")}));
}

TEST_P(Semantics, MdeleteOfAnAbsentKeyIsNoError) {
  store().mset({{"a", text("1")}});
  EXPECT_NO_THROW(store().mdelete({"nope", "a", "neither"}));
  EXPECT_EQ(sorted_keys(), std::vector<std::string>{});
}

TEST_P(Semantics, SetDeleteSetKeepsItsOrder) {
  for (int i = 0; i < 50; ++i) {
    const auto value = text(std::to_string(i));
    store().mset({{"a", text("before")}});
    store().mdelete({"a"});
    store().mset({{"a", value}});
    ASSERT_EQ(store().mget({"a"}), ByteStore::Values{value});
  }
}

TEST_P(Semantics, TakesKeysAndEntriesFromAnyRange) {
  const std::map<std::string, Bytes> pairs{{"a", text("1")}, {"b", text("2")}};
  store().mset(pairs);
  const std::vector<Entry> entries{{"c", text("3")}};
  store().mset(entries);
  const std::set<std::string_view> keys{"a", "b", "c"};
  EXPECT_EQ(store().mget(keys), (ByteStore::Values{text("1"), text("2"), text("3")}));
}

TEST_P(Semantics, ValuesOutliveTheirStore) {
  store().mset({{"small", text("1")}, {"large", noise(100'000, 1)}});
  const auto values = store().mget({"small", "large"});
  drop_store();
  EXPECT_EQ(values, (ByteStore::Values{text("1"), noise(100'000, 1)}));
}

TEST_P(Semantics, ValuesThatWereReadDoNotChange) {
  store().mset({{"a", noise(50'000, 1)}});
  const auto before = store().mget({"a"});
  store().mset({{"a", noise(50'000, 2)}});
  store().mdelete({"a"});
  EXPECT_EQ(before, ByteStore::Values{noise(50'000, 1)});
}

TEST_P(Semantics, TheArgumentsOfABlockingCallMayChangeAfterIt) {
  std::string key = "a";
  std::string value = "1";
  store().mset({{key, bytestore::as_bytes(value)}});
  key = "b";
  value = "2";
  EXPECT_EQ(store().mget({"a", "b"}), (ByteStore::Values{text("1"), std::nullopt}));
}

TEST_P(Semantics, AnotherStoreOnTheSameDataFindsThem) {
  store().mset({{"a", text("1")}, {"b", text("2")}, {"c", Bytes()}});
  store().mdelete({"b"});
  reopen();
  if (GetParam().exceptions.forgets_when_closed) {
    EXPECT_EQ(sorted_keys(), std::vector<std::string>{});
    return;
  }
  EXPECT_EQ(store().mget({"a", "b", "c"}), (ByteStore::Values{text("1"), std::nullopt, Bytes()}));
  EXPECT_EQ(sorted_keys(), (std::vector<std::string>{"a", "c"}));
}

TEST_P(Semantics, ACallThatIsStoppedFromTheStartDoesNothingAndNamesEveryKey) {
  store().mset({{"a", text("before")}});
  std::stop_source stop;
  stop.request_stop();
  const CallOptions stopped{.stop = stop.get_token()};
  const auto error =
      batch_error_of([&] { store().mset({{"a", text("1")}, {"b", text("2")}}, stopped); });
  EXPECT_EQ(error.code(), ErrorCode::cancelled);
  ASSERT_EQ(error.failures().size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(error.failures()[i].index, i);
    EXPECT_EQ(error.failures()[i].key, i == 0 ? "a" : "b");
    EXPECT_EQ(error.failures()[i].code, ErrorCode::cancelled);
    EXPECT_EQ(error.failures()[i].outcome, Outcome::failed);
  }
  EXPECT_EQ(batch_error_of([&] { store().mdelete({"a"}, stopped); }).code(), ErrorCode::cancelled);
  EXPECT_EQ(batch_error_of([&] { store().mget({"a"}, stopped); }).code(), ErrorCode::cancelled);
  EXPECT_EQ(store().mget({"a", "b"}), (ByteStore::Values{text("before"), std::nullopt}));
}

TEST_P(Semantics, ADeadlineIsEnoughOrReportedAsTimeout) {
  using std::chrono::milliseconds;
  EXPECT_NO_THROW(store().mset({{"a", text("1")}}, {.deadline = std::chrono::hours{1}}));
  EXPECT_EQ(store().mget({"a"}, {.deadline = milliseconds::max()}), ByteStore::Values{text("1")});
  EXPECT_EQ(code_of([&] { store().mget({"a"}, {.deadline = milliseconds{-1}}); }),
            ErrorCode::invalid_argument);

  const auto keys = numbered_keys("k", 100'000);  // no store writes them in a millisecond
  const auto error =
      batch_error_of([&] { store().mset(entries_of(keys), {.deadline = milliseconds{1}}); });
  EXPECT_EQ(error.code(), ErrorCode::timeout);
  const auto values = store().mget(keys);
  for (const KeyFailure& failure : error.failures()) {
    ASSERT_EQ(failure.code, ErrorCode::timeout);
    const bool certain = failure.outcome == Outcome::failed;
    ASSERT_FALSE(certain && values[failure.index].has_value());
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, Semantics, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
