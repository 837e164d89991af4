#include "core/results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/envelope.hpp"
#include "support/errors.hpp"
#include "support/values.hpp"

namespace bytestore::core {
namespace {

using testing::batch_error_of;
using testing::text;

const std::string kMagic(kEnvelopeMagic);

/// Kind 7, which this version does not know.
const Bytes kFromTheFuture = text(kMagic + "\x01\x07\x59\x73\x7F\xE8payload");

const std::vector<std::string_view> kKeys{"a", "b", "c", "d"};

TEST(StoredEntries, AreThoseOfTheCallerIfNoneNeedsAnEnvelope) {
  const std::vector<Entry> entries{{"a", text("1")}, {"b", text("2")}};
  const EntryList list(entries);
  EXPECT_EQ(StoredEntries(list.view()).view().data(), list.view().data());
}

TEST(StoredEntries, ReplaceThoseThatNeedAnEnvelope) {
  const std::vector<Entry> entries{
      {"a", text(kMagic + "1")}, {"b", text("2")}, {"c", text(kMagic)}, {"d", text(kMagic + "4")}};
  const EntryList list(entries);
  const StoredEntries stored(list.view());
  ASSERT_EQ(stored.view().size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(stored.view()[i].key, entries[i].key);
    const auto value = Bytes::copy(stored.view()[i].value);
    EXPECT_EQ(unwrap(value), entries[i].value);
    EXPECT_EQ(value == entries[i].value, i == 1);
  }
}

TEST(FinishRead, TakesEnvelopesOff) {
  ReadResult result{{text("1"), std::nullopt, Bytes::adopt(wrap(as_bytes(kMagic))), Bytes()}, {}};
  EXPECT_EQ(finish_read(kKeys, std::move(result)),
            (ByteStore::Values{text("1"), std::nullopt, text(kMagic), Bytes()}));
}

TEST(FinishRead, ReportsWhatANewerVersionWroteAsCorruptAndGivesTheRest) {
  ReadResult result{{text("1"), kFromTheFuture, kFromTheFuture, text("4")}, {}};
  const auto error = batch_error_of([&] { finish_read(kKeys, std::move(result)); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  EXPECT_THAT(error.what(), ::testing::HasSubstr("newer version"));
  ASSERT_EQ(error.failures().size(), 2U);
  EXPECT_EQ(error.failures()[0].index, 1U);
  EXPECT_EQ(error.failures()[0].key, "b");
  EXPECT_EQ(error.failures()[0].outcome, Outcome::failed);
  EXPECT_EQ(error.failures()[1].index, 2U);
  EXPECT_EQ(error.values(), (ByteStore::Values{text("1"), std::nullopt, std::nullopt, text("4")}));
}

TEST(FinishRead, OrdersItsOwnFailuresAmongThoseOfTheBackend) {
  ReadResult result{{kFromTheFuture, std::nullopt, kFromTheFuture, std::nullopt},
                    {{3, "d", ErrorCode::io, Outcome::failed, "no disk"},
                     {1, "b", ErrorCode::io, Outcome::failed, "no disk"}}};
  const auto error = batch_error_of([&] { finish_read(kKeys, std::move(result)); });
  ASSERT_EQ(error.failures().size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(error.failures()[i].index, i);
    EXPECT_EQ(error.failures()[i].code, i % 2 == 0 ? ErrorCode::corrupt : ErrorCode::io);
  }
}

TEST(FinishPinnedRead, CopiesValuesForAnErrorOnly) {
  const auto pinned = text("1");
  const auto values = finish_pinned_read(kKeys, {{pinned, std::nullopt, pinned, Bytes()}, {}});
  EXPECT_EQ(values[0]->data(), pinned.data());
  ReadResult failed{{pinned, std::nullopt, pinned, Bytes()},
                    {{1, "b", ErrorCode::io, Outcome::failed, "no disk"}}};
  const auto error = batch_error_of([&] { finish_pinned_read(kKeys, std::move(failed)); });
  EXPECT_EQ(error.values(), (ByteStore::Values{pinned, std::nullopt, pinned, Bytes()}));
  EXPECT_NE(error.values()[0]->data(), pinned.data());
}

TEST(FinishWrite, ThrowsIfAnyPositionFailed) {
  EXPECT_NO_THROW(finish_write("mset", 4, {}));
  const auto error = batch_error_of(
      [] { finish_write("mdelete", 4, {{{2, "c", ErrorCode::io, Outcome::unknown, "no disk"}}}); });
  EXPECT_EQ(error.code(), ErrorCode::io);
  EXPECT_THAT(error.what(), ::testing::HasSubstr("mdelete: 1 of 4 keys"));
}

}  // namespace
}  // namespace bytestore::core
