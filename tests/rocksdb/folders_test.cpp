/// A folder that holds anything and is not ours is refused, and nothing in it is changed; ours
/// open, also when it was copied, restored or written by version 0.1.

#include <rocksdb/utilities/backup_engine.h>
#include <rocksdb/utilities/checkpoint.h>

#include "foreign_folders.hpp"
#include "helper_process.hpp"
#include "rocksdb_test.hpp"
#include "support/folder_listing.hpp"

namespace bytestore {
namespace {

using ::testing::HasSubstr;

/// Our file in the folder of a store, which version 0.1 did not have.
constexpr auto kLock = "bytestore.lock";

class ForeignFolders : public RocksDBTest, public ::testing::WithParamInterface<ForeignFolder> {
 protected:
  ForeignFolders() {
    std::filesystem::create_directories(path());
    GetParam().fill(path());
  }
};

TEST_P(ForeignFolders, AreRefusedAndNotTouched) {
  const auto before = listing(path());
  for (const bool create : {true, false}) {
    const auto error = error_of([&] { open({.create_if_missing = create}); });
    EXPECT_EQ(error.code(), ErrorCode::schema);
    EXPECT_THAT(error.what(), HasSubstr(path().string()));
    EXPECT_THAT(error.what(), HasSubstr(GetParam().said));
    EXPECT_THAT(error.what(), HasSubstr("choose another folder"));
  }
  EXPECT_EQ(code_of([&] { open({.read_only = true}); }), ErrorCode::schema);
  EXPECT_TRUE(listing(path()) == before);
}

/// As earlier builds left it in each folder that they were pointed at.
TEST_P(ForeignFolders, AreNotTouchedEitherWhenTheLockOfAStoreIsInThem) {
  write_file(path() / kLock, "");
  if (GetParam().name == "RocksDBWithoutEntries") {  // as a creation that was interrupted leaves it
    EXPECT_NO_THROW(open());
    return;
  }
  const auto before = listing(path());
  const auto code = code_of([&] { open(); });
  EXPECT_TRUE(code == ErrorCode::schema || code == ErrorCode::corrupt);
  EXPECT_TRUE(listing(path()) == before);
}

INSTANTIATE_TEST_SUITE_P(All, ForeignFolders, ::testing::ValuesIn(foreign_folders()),
                         [](const auto& test) { return test.param.name; });

class Folders : public RocksDBTest {
 protected:
  /// A copy of the folder, of which the copy has that name beside it.
  [[nodiscard]] std::filesystem::path beside(const std::string& name) const {
    return path().parent_path() / name;
  }

  static void expect_opens(const std::filesystem::path& folder) {
    EXPECT_EQ(RocksDBByteStore(folder).mget({"a"}), ByteStore::Values{text("1")});
    EXPECT_EQ(RocksDBByteStore(folder).mget({"a"}), ByteStore::Values{text("1")}) << "again";
  }
};

TEST_F(Folders, WithNothingButLostAndFoundOrALockAreEmpty) {
  std::filesystem::create_directories(path() / "lost+found");
  open()->mset({{"a", text("1")}});
  expect_opens(path());
  std::filesystem::create_directories(beside("locked"));
  write_file(beside("locked") / kLock, "");
  RocksDBByteStore(beside("locked")).mset({{"a", text("1")}});
  expect_opens(beside("locked"));
}

TEST_F(Folders, ThatAreEmptyStayEmptyWhenNothingMayBeCreated) {
  std::filesystem::create_directories(path() / "lost+found");
  const auto before = listing(path());
  EXPECT_EQ(code_of([&] { open({.create_if_missing = false}); }), ErrorCode::unavailable);
  EXPECT_TRUE(listing(path()) == before);
  write_file(path() / kLock, "");
  EXPECT_EQ(code_of([&] { open({.create_if_missing = false}); }), ErrorCode::unavailable);
}

/// One that a build of version 0.1 has written (data/README.md).
TEST_F(Folders, ThatVersion01HasWrittenOpen) {
  std::filesystem::copy(std::filesystem::path(BYTESTORE_FOLDERS) / "store-of-0.1", path());
  const std::string magic("\xB5ytestore\x00\xE2\x9C\x89\x0D\x0A\x1Aplain", 21);
  const std::string accented = "\xC3\xA9";
  for (int round = 0; round < 2; ++round) {
    const auto store = open();
    EXPECT_THAT(walk(store->yield_keys()),
                ::testing::ElementsAre("a", "empty", "large", "magic", accented));
    EXPECT_EQ(store->mget({"a", "empty", "gone", "large", "magic", accented}),
              (ByteStore::Values{text("1"), text(""), std::nullopt, text(std::string(20'000, 'x')),
                                 text(magic), text("later")}));
    store->mset({{"a", text("1")}});
  }
}

TEST_F(Folders, OfVersion01Open) {
  open()->mset({{"a", text("1")}});
  std::filesystem::remove(path() / kLock);
  expect_opens(path());
}

TEST_F(Folders, OfVersion01OpenAfterTheirProcessWasKilled) {
  const auto store = open();
  store->mset({{"a", text("1")}});
  std::filesystem::copy(path(), beside("killed"));
  std::filesystem::remove(beside("killed") / kLock);
  expect_opens(beside("killed"));
}

TEST_F(Folders, OfManyTablesOpen) {
  for (int i = 0; i < 20; ++i) {
    open()->mset({{"a", text("1")}, {std::to_string(i), noise(100'000, 1)}});
  }
  std::filesystem::remove(path() / kLock);
  expect_opens(path());
}

TEST_F(Folders, ThatAreCheckpointsOpen) {
  open()->mset({{"a", text("1")}});
  {
    const auto database = open_database();
    rocksdb::Checkpoint* made = nullptr;
    ASSERT_TRUE(rocksdb::Checkpoint::Create(database.get(), &made).ok());
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    ASSERT_TRUE(checkpoint->CreateCheckpoint(beside("checkpoint").string()).ok());
  }
  ASSERT_FALSE(std::filesystem::exists(beside("checkpoint") / kLock));
  expect_opens(beside("checkpoint"));
}

TEST_F(Folders, ThatAreRestoredBackupsOpen) {
  open()->mset({{"a", text("1")}});
  const rocksdb::BackupEngineOptions options(beside("backups").string());
  {
    const auto database = open_database();
    rocksdb::BackupEngine* made = nullptr;
    ASSERT_TRUE(rocksdb::BackupEngine::Open(rocksdb::Env::Default(), options, &made).ok());
    const std::unique_ptr<rocksdb::BackupEngine> engine(made);
    ASSERT_TRUE(engine->CreateNewBackup(database.get()).ok());
    const auto restored = beside("restored").string();
    ASSERT_TRUE(engine->RestoreDBFromLatestBackup(restored, restored).ok());
  }
  ASSERT_FALSE(std::filesystem::exists(beside("restored") / kLock));
  expect_opens(beside("restored"));
  // What holds the backups is not a database.
  const auto before = listing(beside("backups"));
  EXPECT_EQ(code_of([&] { RocksDBByteStore{beside("backups")}; }), ErrorCode::schema);
  EXPECT_TRUE(listing(beside("backups")) == before);
}

TEST_F(Folders, WhoseCreationWasInterruptedOpen) {
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    static_cast<void>(open_database(options));
  }
  write_file(path() / kLock, "");
  std::filesystem::create_directories(beside("earlier"));
  write_file(beside("earlier") / kLock, "");
  write_file(beside("earlier") / "MANIFEST-000001", "");
  write_file(beside("earlier") / "000001.dbtmp", "MANIFEST-000001\n");
  for (const auto& folder : {path(), beside("earlier")}) {
    RocksDBByteStore(folder).mset({{"a", text("1")}});
    expect_opens(folder);
  }
}

TEST_F(Folders, ThatLostTheirMarkerAreDamaged) {
  open()->mset({{"a", text("1")}});
  lose_marker();
  const auto before = listing(path());
  const auto error = error_of([&] { open(); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  EXPECT_THAT(error.what(), HasSubstr("restore the folder from a copy"));
  EXPECT_TRUE(listing(path()) == before);
}

TEST_F(Folders, ThatTwoProcessesCreateAtOnceBelongToOneOfThem) {
  for (int round = 0; round < 10; ++round) {
    const auto folder = beside(std::to_string(round));
    if (round % 2 == 0) std::filesystem::create_directories(folder);
    HelperProcess one({"hold", folder.string()});
    HelperProcess other({"hold", folder.string()});
    const std::vector<std::string> said{one.read_line(), other.read_line()};
    EXPECT_THAT(said, ::testing::UnorderedElementsAre("open", HasSubstr("holds the folder")));
    one.kill();
    other.kill();
    RocksDBByteStore(folder).mset({{"a", text("1")}});
    expect_opens(folder);
  }
}

}  // namespace
}  // namespace bytestore
