/// A folder that holds anything and is not ours is refused, and nothing in it is changed; ours
/// open, also when they were copied.

#include <cstdlib>

#include "lmdb/file_search.hpp"
#include "lmdb/marker.hpp"
#include "lmdb_test.hpp"
#include "support/folder_listing.hpp"
#include "support/may_only_read.hpp"
#include "support/present_batches.hpp"

namespace bytestore {
namespace {

using ::testing::HasSubstr;

class LmdbFolders : public LmdbTest {
 protected:
  void expect_refused(const std::string& said) {
    const auto before = listing(path());
    for (const bool create : {true, false}) {
      const auto error = error_of([&] { open({.create_if_missing = create}); });
      EXPECT_EQ(error.code(), ErrorCode::schema) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(path().string()));
      EXPECT_THAT(error.what(), HasSubstr(said));
      EXPECT_THAT(error.what(), HasSubstr("choose another"));
    }
    EXPECT_TRUE(listing(path()) == before);
  }

  static void expect_opens(const std::filesystem::path& folder) {
    EXPECT_EQ(LmdbByteStore(folder).mget({"a"}), ByteStore::Values{text("1")});
    EXPECT_EQ(LmdbByteStore(folder).mget({"a"}), ByteStore::Values{text("1")}) << "again";
  }
};

TEST_F(LmdbFolders, OfOthersAreRefusedAndNotTouched) {
  std::filesystem::create_directories(path());
  write_file(path() / "notes.txt", "text");
  expect_refused("holds notes.txt");
  write_file(path() / "CURRENT", "MANIFEST-000001\n");
  expect_refused("RocksDB or LevelDB");
  std::filesystem::remove(path() / "CURRENT");
  std::filesystem::remove(path() / "notes.txt");
  write_file(path() / "data.mdb", "text");
  expect_refused("not one of LMDB");
}

TEST_F(LmdbFolders, OfOtherProgramsThatUseLmdbAreRefusedAndNotTouched) {
  std::filesystem::create_directories(path());
  change(path(),
         [](MDB_txn* transaction, MDB_dbi database) { put(transaction, database, "theirs", "1"); });
  expect_refused("an LMDB database that bytestore did not write");
  std::filesystem::remove_all(path());
  std::filesystem::create_directories(path());
  const auto fill = [](MDB_txn* transaction, MDB_dbi database) {
    for (int i = 0; i < 2'000; ++i) put(transaction, database, std::to_string(i), "1");
  };
  change(path(), fill, "theirs");
  change(path(), fill);
  expect_refused("an LMDB database that bytestore did not write");
}

TEST_F(LmdbFolders, ThatAreFilesAreRefused) {
  write_file(path(), "content");
  EXPECT_THAT(error_of([&] { open(); }).what(), HasSubstr("it is a file, not a folder"));
}

TEST_F(LmdbFolders, OfANewerVersionAreRefused) {
  open();
  change(path(), [](MDB_txn* transaction, MDB_dbi database) {
    put(transaction, database, lmdb_backend::kMarkerKey, "2");
  });
  const auto error = error_of([&] { open(); });
  EXPECT_EQ(error.code(), ErrorCode::schema);
  EXPECT_THAT(error.what(), HasSubstr("newer version"));
}

TEST_F(LmdbFolders, WithKeysOfAnotherProgramListTheRest) {
  open()->mset(entries_of({"a", "c"}));
  change(path(),
         [](MDB_txn* transaction, MDB_dbi database) { put(transaction, database, "b\xC3", "1"); });
  const auto store = open();
  auto view = store->yield_keys();
  auto key = view.begin();
  EXPECT_EQ(*key, "a");
  const auto error = error_of<UnusableKeyError>([&] { ++key; });
  EXPECT_EQ(error.key(), "b\xC3");
  ++key;
  EXPECT_EQ(*key, "c");
}

TEST_F(LmdbFolders, WithNothingThatMattersAreEmpty) {
  std::filesystem::create_directories(path() / "lost+found");
  write_file(path() / "data.mdb", "");
  write_file(path() / "lock.mdb", "");
  open()->mset({{"a", text("1")}});
  expect_opens(path());
}

TEST_F(LmdbFolders, WhoseCreationWasInterruptedOpen) {
  std::filesystem::create_directories(path());
  change(path(), [](MDB_txn*, MDB_dbi) {});
  open()->mset({{"a", text("1")}});
  expect_opens(path());
}

/// A disk that is full leaves the first of two pages.
TEST_F(LmdbFolders, WhoseFileWasMadeByHalfOpen) {
  std::filesystem::create_directories(path());
  change(path(), [](MDB_txn* /*transaction*/, MDB_dbi /*database*/) {});
  std::filesystem::resize_file(path() / "data.mdb", 4'096);
  EXPECT_EQ(code_of([&] { open({.create_if_missing = false}); }), ErrorCode::unavailable);
  EXPECT_EQ(file_bytes(), 4'096U) << "it was not to be created";
  open()->mset({{"a", text("1")}});
  expect_opens(path());
}

/// As if another process had written to it in the meantime.
TEST_F(LmdbFolders, KeepWhatWasWrittenWhileTheirFileWasCompleted) {
  open()->mset({{"a", text("1")}});
  lmdb_backend::complete_file(path() / "data.mdb");
  expect_opens(path());
  open()->mset({{"large", noise(100'000, 1)}});
  expect_opens(path());
  EXPECT_EQ(open()->mget({"large"}), ByteStore::Values{noise(100'000, 1)});
}

TEST_F(LmdbFolders, AreNotCreatedIfTheyMustNot) {
  const LmdbOptions existing_only{.create_if_missing = false};
  EXPECT_EQ(code_of([&] { open(existing_only); }), ErrorCode::unavailable);
  EXPECT_FALSE(std::filesystem::exists(path()));
  std::filesystem::create_directories(path());
  EXPECT_EQ(code_of([&] { open(existing_only); }), ErrorCode::unavailable);
  EXPECT_TRUE(std::filesystem::is_empty(path()));
  open();
  EXPECT_NO_THROW(open(existing_only));
}

TEST_F(LmdbFolders, ThatLmdbCopiedOpenAlsoWhileTheyAreWritten) {
  const auto store = open();
  store->mset({{"a", text("1")}});
  std::filesystem::create_directories(beside("copy"));
  HelperProcess writer({"write", path().string(), "0", "w"});
  ASSERT_EQ(writer.read_line(), "0");
  HelperProcess copier({"copy", path().string(), beside("copy").string()});
  ASSERT_EQ(copier.read_line(), "copied");
  writer.kill();
  ASSERT_FALSE(std::filesystem::exists(beside("copy") / "lock.mdb"));
  expect_opens(beside("copy"));
  LmdbByteStore copied(beside("copy"));
  bool is_behind = false;  // batches that were written when it had been copied
  for (std::size_t batch = 0; batch < 4; ++batch) {
    if (is_deleted_by_the_next(batch)) continue;
    const auto present = count_present(copied, batch, "w");
    if (present == 0) is_behind = true;
    EXPECT_EQ(present, is_behind ? 0U : batch_size(batch)) << batch;
  }
  EXPECT_EQ(count_present(copied, 0, "w"), batch_size(0)) << "it was acknowledged before";
}

TEST_F(LmdbFolders, ThatAnotherProcessCopiedFileByFileOpen) {
  const auto from = path().string();
  const auto to = beside("copy").string();
  for (const bool is_open : {false, true}) {
    auto store = open();
    store->mset({{"a", text("1")}});
    if (!is_open) store.reset();
    for (const auto& command :
         {"cp -r '" + from + "/.' '" + to + "'",
          "tar --sparse -cf - -C '" + from + "' . | tar -xf - -C '" + to + "'"}) {
      std::filesystem::create_directories(to);
      ASSERT_EQ(std::system(command.c_str()), 0) << command;
      expect_opens(to);
      LmdbByteStore(to).mset({{"b", text("2")}});
      std::filesystem::remove_all(to);
    }
    if (is_open) {
      EXPECT_EQ(store->mget({"a", "b"}), (ByteStore::Values{text("1"), std::nullopt}));
    }
  }
}

TEST_F(LmdbFolders, MayBeCreatedByManyProcessesAtOnce) {
  for (int round = 0; round < 5; ++round) {
    const auto folder = beside(std::to_string(round)).string();
    std::vector<std::unique_ptr<HelperProcess>> all;
    for (int i = 0; i < 6; ++i) {
      all.push_back(std::make_unique<HelperProcess>(std::vector<std::string>{"hold", folder}));
    }
    for (auto& one : all) EXPECT_EQ(one->read_line(), "open");
    LmdbByteStore(folder).mset({{"a", text("1")}});
    expect_opens(folder);
  }
}

TEST_F(LmdbFolders, ThatMayOnlyBeReadAreAClearErrorAndNotTouched) {
  open()->mset({{"a", text("1")}});
  const auto before = listing(path());
  {
    const testing::MayOnlyRead rights(path());
    const auto error = error_of([&] { open(); });
    EXPECT_EQ(error.code(), ErrorCode::io);
    EXPECT_THAT(error.what(), HasSubstr(path().string()));
    EXPECT_THAT(error.what(), HasSubstr("permission"));
  }
  for (const auto& file : {"data.mdb", "lock.mdb"}) {
    std::filesystem::permissions(path() / file, std::filesystem::perms{0644});
  }
  EXPECT_TRUE(listing(path()) == before);
  expect_opens(path());
}

TEST_F(LmdbFolders, ThatWereRemovedRefuseWrites) {
  const auto store = open();
  store->mset({{"a", text("1")}});
  std::filesystem::remove_all(path());
  const auto error = batch_error_of([&] { store->mset({{"a", text("2")}}); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_EQ(error.failures()[0].outcome, Outcome::failed);
  EXPECT_THAT(error.what(), HasSubstr("deleted, moved or replaced"));
  const auto fresh = open();
  EXPECT_EQ(fresh->mget({"a"}), ByteStore::Values{std::nullopt});
  fresh->mset({{"a", text("3")}});
  EXPECT_EQ(store->mget({"a"}), ByteStore::Values{text("1")});
}

}  // namespace
}  // namespace bytestore
