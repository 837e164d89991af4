/// A store whose folder is deleted, replaced or moved while it is open acknowledges no more writes,
/// and leaves alone what is there instead.

#include <boost/asio/use_future.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bytestore/async.hpp"
#include "rocksdb/database.hpp"
#include "rocksdb_test.hpp"
#include "support/folder_listing.hpp"

namespace bytestore {
namespace {

using ::testing::HasSubstr;

class LostFolder : public RocksDBTest, public ::testing::WithParamInterface<bool> {
 protected:
  [[nodiscard]] std::unique_ptr<ByteStore> store_with_a_key() const {
    auto store = open({.sync = GetParam()});
    store->mset({{"a", text("1")}});
    return store;
  }

  static void expect_refusals(ByteStore& store) {
    std::optional<Error> error;
    // Where a call does not wait for the disk, the folder is looked at every tenth of a
    // millisecond.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    do try {
        store.mset({{"lost", text("2")}});
        ASSERT_FALSE(GetParam()) << "a call that is synced looks each time";
        ASSERT_LT(std::chrono::steady_clock::now(), end);
      } catch (const Error& refused) {
        error = refused;
      }
    while (!error);
    EXPECT_EQ(error->code(), ErrorCode::unavailable);
    EXPECT_THAT(error->what(), HasSubstr("deleted, moved or replaced"));
    EXPECT_EQ(code_of([&] { store.mdelete({"a"}); }), ErrorCode::unavailable);
    EXPECT_EQ(code_of([&] { store.amset({{"b", text("2")}}, boost::asio::use_future).get(); }),
              ErrorCode::unavailable);
  }
};

TEST_P(LostFolder, ThatWasDeletedIsAnErrorOfTheNextWrite) {
  const auto store = store_with_a_key();
  std::filesystem::remove_all(path());
  expect_refusals(*store);
  store->close();
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_P(LostFolder, WhoseFilesWereDeletedIsAnErrorOfTheNextWrite) {
  const auto store = store_with_a_key();
  for (const auto& file : files("", "")) std::filesystem::remove(file);
  expect_refusals(*store);
}

TEST_P(LostFolder, ThatWasMovedIsAnErrorOfTheNextWrite) {
  const auto store = store_with_a_key();
  const auto elsewhere = path().parent_path() / "elsewhere";
  std::filesystem::rename(path(), elsewhere);
  expect_refusals(*store);
  store->close();
  EXPECT_EQ(RocksDBByteStore(elsewhere).mget({"a", "b"}),
            (ByteStore::Values{text("1"), std::nullopt}));
}

TEST_P(LostFolder, ThatWasReplacedIsAnErrorAndTheOtherStoreIsLeftAlone) {
  const auto other = path().parent_path() / "other";
  RocksDBByteStore(other).mset({{"other", text("3")}});
  RocksDBByteStore(other).mset({{"another", text("4")}});
  auto store = store_with_a_key();
  std::filesystem::remove_all(path());
  std::filesystem::rename(other, path());
  const auto before = listing(path());
  expect_refusals(*store);
  store->close();
  store.reset();
  EXPECT_TRUE(listing(path()) == before);
  EXPECT_EQ(open()->mget({"a", "other", "another"}),
            (ByteStore::Values{std::nullopt, text("3"), text("4")}));
}

TEST_P(LostFolder, ThatCameBackIsWrittenAgain) {
  const auto store = store_with_a_key();
  const auto elsewhere = path().parent_path() / "elsewhere";
  std::filesystem::rename(path(), elsewhere);
  expect_refusals(*store);
  std::filesystem::rename(elsewhere, path());
  store->mset({{"b", text("2")}});
  store->close();
  EXPECT_EQ(open()->mget({"a", "b"}), (ByteStore::Values{text("1"), text("2")}));
}

/// The other store is a copy, so its files have the names of those that RocksDB knows.
TEST_P(LostFolder, ThatWasReplacedIsLeftAloneByWhatRocksDBDoesInTheBackground) {
  const auto copy = path().parent_path() / "copy";
  rocksdb_backend::Database database(path(), {.sync = GetParam()});
  auto& db = database.db();
  for (const std::string key : {"a", "b", "c"}) {
    ASSERT_TRUE(db.Put({}, key, "v").ok());
    ASSERT_TRUE(db.Flush({}).ok());
  }
  ASSERT_TRUE(db.Put({}, "d", "v").ok());
  std::filesystem::copy(path(), copy);
  std::filesystem::remove_all(path());
  std::filesystem::rename(copy, path());
  const auto before = listing(path());
  EXPECT_FALSE(db.Flush({}).ok());
  EXPECT_FALSE(db.CompactRange({}, nullptr, nullptr).ok());
  EXPECT_TRUE(listing(path()) == before);
  EXPECT_NO_THROW(database.close());
  EXPECT_TRUE(listing(path()) == before);
}

/// In the same process, where both databases have the same names.
TEST_P(LostFolder, ThatWasReplacedMayBeOpenedBesideTheStoreThatLostIt) {
  const auto copy = path().parent_path() / "copy";
  rocksdb_backend::Database lost(path(), {.sync = GetParam()});
  for (const std::string key : {"a", "b", "c"}) {
    lost.db().Put({}, key, "v").PermitUncheckedError();
    ASSERT_TRUE(lost.db().Flush({}).ok());
  }
  ASSERT_TRUE(lost.db().Put({}, "d", "v").ok());
  std::filesystem::copy(path(), copy);
  std::filesystem::remove_all(path());
  std::filesystem::rename(copy, path());
  const std::vector<std::string> keys{"new", "newer"};
  open({.sync = GetParam()})->mset({{keys[0], text("1")}});
  const auto store = open({.sync = GetParam()});
  store->mset({{keys[1], text("2")}});
  const auto before = listing(path());
  EXPECT_FALSE(lost.db().Flush({}).ok());
  EXPECT_FALSE(lost.db().CompactRange({}, nullptr, nullptr).ok());
  EXPECT_NO_THROW(lost.close());
  EXPECT_TRUE(listing(path()) == before);
  EXPECT_EQ(store->mget(keys), (ByteStore::Values{text("1"), text("2")}));
  store->close();
  EXPECT_EQ(open()->mget(keys), (ByteStore::Values{text("1"), text("2")}));
}

INSTANTIATE_TEST_SUITE_P(Sync, LostFolder, ::testing::Bool());

}  // namespace
}  // namespace bytestore
