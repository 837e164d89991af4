/// Values of every size and look come back as they were given.

#include "bytestore/detail/store_access.hpp"
#include "contract_test.hpp"

namespace bytestore::contract {
namespace {

using namespace std::string_literals;

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// The 16 bytes that are reserved, and whole headers that begin with them (version, kind, CRC-32C).
const std::string kMagic = "\xB5ytestore\x00\xE2\x9C\x89\x0D\x0A\x1A"s;
const std::string kEscapedHeader = kMagic + "\x01\x00\xB2\x17\xB5\x3C"s;
const std::string kHeaderOfAnotherKind = kMagic + "\x01\x07\x59\x73\x7F\xE8"s;
const std::string kHeaderOfAnotherVersion = kMagic + "\x02\x00\x2B\xBF\x52\x08"s;
const std::string kHeaderWithWrongChecksum = kMagic + "\x01\x00\x00\x00\x00\x00"s;

class ValueSizes : public ContractTest {
 protected:
  void expect_round_trip(const Bytes& value) {
    store().mset({{"a", value}});
    EXPECT_EQ(store().mget({"a"}), ByteStore::Values{value});
    if (GetParam().exceptions.forgets_when_closed) return;
    reopen();
    EXPECT_EQ(store().mget({"a"}), ByteStore::Values{value});
  }
};

TEST_P(ValueSizes, OfNoByte) { expect_round_trip(Bytes()); }
TEST_P(ValueSizes, OfOneByte) { expect_round_trip(text("x")); }
TEST_P(ValueSizes, OfOneMiB) { expect_round_trip(noise(kMiB, 1)); }
TEST_P(ValueSizes, OfTwelveMiB) { expect_round_trip(noise(12 * kMiB, 2)); }

TEST_P(ValueSizes, OfSixteenMiBOrRefused) {
  const Bytes value = noise(16 * kMiB, 5);
  if (!GetParam().exceptions.refuses_huge_values) return expect_round_trip(value);
  const auto error = batch_error_of([&] { store().mset({{"small", text("1")}, {"huge", value}}); });
  EXPECT_EQ(error.code(), ErrorCode::too_large);
  ASSERT_EQ(error.failures().size(), 1U);
  EXPECT_EQ(error.failures()[0].index, 1U);
  EXPECT_EQ(error.failures()[0].outcome, Outcome::failed);
  EXPECT_EQ(store().mget({"small", "huge"}), (ByteStore::Values{text("1"), std::nullopt}));
}

TEST_P(ValueSizes, ManyInOneBatch) {
  std::vector<std::string> keys;
  std::vector<Entry> entries;
  ByteStore::Values expected;
  for (std::size_t size = 0; size <= 300'000; size = size < 70 ? size + 1 : size * 3 / 2) {
    keys.push_back(std::to_string(size));
    expected.emplace_back(noise(size, size));
    entries.push_back({keys.back(), *expected.back()});
  }
  store().mset(entries);
  EXPECT_EQ(store().mget(keys), expected);
}

TEST_P(ValueSizes, LargeAndSmallInOneBatch) {
  const ByteStore::Values expected{text("1"), noise(12 * kMiB, 3), Bytes(), noise(9 * kMiB, 4)};
  store().mset(
      {{"a", *expected[0]}, {"b", *expected[1]}, {"c", *expected[2]}, {"d", *expected[3]}});
  EXPECT_EQ(store().mget({"a", "b", "c", "d"}), expected);
}

INSTANTIATE_TEST_SUITE_P(Backends, ValueSizes, ::testing::ValuesIn(backends()), backend_name);

class ValueContents : public ContractTest {};

TEST_P(ValueContents, EveryByteIsKept) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  store().mset({{"a", text(all)}, {"nul", text("\0\0"s)}});
  EXPECT_EQ(store().mget({"a", "nul"}), (ByteStore::Values{text(all), text("\0\0"s)}));
}

TEST_P(ValueContents, ThatBeginWithTheReservedMagicAreKept) {
  const std::vector<std::string> contents{
      kMagic,
      kMagic.substr(0, 15),
      kMagic + "x",
      kMagic + kMagic,
      kMagic + "\x01"s,
      kMagic + "\x01\x00\xB2\x17\xB5"s,
      kEscapedHeader,
      kEscapedHeader + "payload",
      kEscapedHeader + kEscapedHeader + "payload",
      kHeaderOfAnotherKind,
      kHeaderOfAnotherKind + "payload",
      kHeaderOfAnotherVersion + "payload",
      kHeaderWithWrongChecksum + "payload",
      "x" + kMagic,
      kMagic + std::string(kMiB, 'v'),
  };
  std::vector<std::string> keys;
  std::vector<Entry> entries;
  ByteStore::Values expected;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    keys.push_back(std::to_string(i));
    expected.emplace_back(text(contents[i]));
    entries.push_back({keys.back(), *expected.back()});
  }
  store().mset(entries);
  EXPECT_EQ(store().mget(keys), expected);
}

TEST_P(ValueContents, ThatWereReadCanBeWrittenAgain) {
  store().mset({{"a", text(kEscapedHeader + "payload")}});
  for (int i = 0; i < 3; ++i) store().mset({{"a", store().mget({"a"})[0].value()}});
  EXPECT_EQ(store().mget({"a"}), ByteStore::Values{text(kEscapedHeader + "payload")});
}

INSTANTIATE_TEST_SUITE_P(Backends, ValueContents, ::testing::ValuesIn(backends()), backend_name);

class PinnedReads : public ContractTest {};

/// As bindings to other languages read.
TEST_P(PinnedReads, GiveWhatOtherReadsGive) {
  std::vector<std::string> keys{"absent"};
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < 1'200; ++i) {
    keys.push_back(std::to_string(i));
    entries.push_back({keys.back(), noise(i % 7 == 0 ? 0 : i * 3, i)});
  }
  entries[11].value = text(kEscapedHeader);
  keys.push_back("3");
  store().mset(entries);
  const auto values = detail::StoreAccess::mget_pinned(store(), keys, {});
  EXPECT_EQ(values, store().mget(keys));
  EXPECT_EQ(values[12], text(kEscapedHeader));
  EXPECT_EQ(detail::StoreAccess::mget_pinned(store(), {"1199"}, {}),
            ByteStore::Values{entries[1'199].value});
}

INSTANTIATE_TEST_SUITE_P(Backends, PinnedReads, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
