/// Batches of any length.

#include "contract_test.hpp"

namespace bytestore::contract {
namespace {

class Batches : public ContractTest {};

TEST_P(Batches, OfOneKey) {
  store().mset({{"a", text("1")}});
  EXPECT_EQ(store().mget({"a"}), ByteStore::Values{text("1")});
  store().mdelete({"a"});
  EXPECT_EQ(store().mget({"a"}), ByteStore::Values{std::nullopt});
}

TEST_P(Batches, OfAHundredThousandKeys) {
  const auto keys = numbered_keys("key", 100'000);
  const auto entries = entries_of(keys);
  store().mset(entries);
  auto values = store().mget(keys);
  ASSERT_EQ(values.size(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(values[i], entries[i].value) << i;

  std::vector<std::string> odd;
  for (std::size_t i = 1; i < keys.size(); i += 2) odd.push_back(keys[i]);
  store().mdelete(odd);
  values = store().mget(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(values[i].has_value(), i % 2 == 0) << i;
  EXPECT_EQ(walk(store().yield_keys()).size(), keys.size() / 2);
}

TEST_P(Batches, DuplicatesFarApartInALongOne) {
  auto entries = entries_of(numbered_keys("key", 50'000));
  entries.front() = {"twice", text("first")};
  entries.back() = {"twice", text("last")};
  store().mset(entries);
  std::vector<std::string> keys = numbered_keys("key", 50'000);
  keys.front() = keys.back() = "twice";
  const auto values = store().mget(keys);
  EXPECT_EQ(values.front(), text("last"));
  EXPECT_EQ(values.back(), text("last"));
}

TEST_P(Batches, OfNothingButOneKey) {
  std::vector<Entry> entries;
  for (int i = 0; i < 25'000; ++i) entries.push_back({"a", text(std::to_string(i))});
  store().mset(entries);
  const std::vector<std::string> keys(25'000, "a");
  EXPECT_EQ(store().mget(keys), ByteStore::Values(25'000, text("24999")));
  store().mdelete(keys);
  EXPECT_EQ(store().mget({"a"}), ByteStore::Values{std::nullopt});
}

TEST_P(Batches, AnInvalidKeyAtTheEndOfALongOneLeavesNothingBehind) {
  auto entries = entries_of(numbered_keys("key", 30'000));
  entries.back().key = "\xFF";
  const auto error = error_of([&] { store().mset(entries); });
  EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  EXPECT_THAT(error.what(), ::testing::HasSubstr("key 29999 of 30000"));
  EXPECT_EQ(sorted_keys(), std::vector<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(Backends, Batches, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
