/// A store that was killed needs its write-ahead log, and says so if it was deleted.

#include <rocksdb/utilities/backup_engine.h>

#include <filesystem>

#include "folder_listing.hpp"
#include "helper_process.hpp"
#include "rocksdb_test.hpp"

namespace bytestore {
namespace {

using ::testing::HasSubstr;

class MissingLog : public RocksDBTest {
 protected:
  /// Has a process write and be killed, so that what it wrote is in the log only.
  void write_and_be_killed() const {
    HelperProcess writer({"write", path().string(), "0", "sync"});
    EXPECT_EQ(writer.read_line(), "0");
    writer.kill();
  }

  void remove_logs() const {
    for (const auto& log : files("", ".log")) std::filesystem::remove(log);
  }

  [[nodiscard]] std::filesystem::path beside(const std::string& name) const {
    return path().parent_path() / name;
  }
};

TEST_F(MissingLog, OfAKilledStoreIsAnErrorAndNothingIsChanged) {
  write_and_be_killed();
  std::filesystem::copy(path(), beside("copy"));
  remove_logs();
  const auto before = listing(path());
  for (const bool read_only : {false, true}) {
    const auto error = error_of([&] { open({.read_only = read_only}); });
    EXPECT_EQ(error.code(), ErrorCode::corrupt);
    EXPECT_THAT(error.what(), HasSubstr("write-ahead log is missing"));
    EXPECT_THAT(error.what(), HasSubstr(path().string()));
    EXPECT_THAT(error.what(), HasSubstr("delete bytestore.open"));
  }
  EXPECT_TRUE(listing(path()) == before);

  const auto keys = walk(RocksDBByteStore(beside("copy")).yield_keys());
  EXPECT_FALSE(keys.empty());
}

TEST_F(MissingLog, IsNotHiddenByOlderLogs) {
  for (int i = 0; i < 3; ++i) open()->close();
  const auto older = files("", ".log");
  ASSERT_FALSE(older.empty());
  write_and_be_killed();
  for (const auto& log : files("", ".log")) {
    if (std::ranges::find(older, log) == older.end()) std::filesystem::remove(log);
  }
  EXPECT_EQ(code_of([&] { open(); }), ErrorCode::corrupt);
}

TEST_F(MissingLog, CanBeGivenUp) {
  open()->mset({{"a", text("1")}});
  write_and_be_killed();
  remove_logs();
  std::filesystem::remove(path() / "bytestore.open");
  EXPECT_EQ(walk(open()->yield_keys()), std::vector<std::string>{"a"});
}

TEST_F(MissingLog, IsNotMissedAfterTheLogWasReplacedByALaterOne) {
  const auto first = [this] { return files("", ".log").front(); };
  const auto store = open({.sync = false});
  const auto at_opening = first();
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  for (std::uint64_t i = 0; first() == at_opening && i < 1'000; ++i) {
    store->mset({{std::to_string(i % 100), noise(kMiB, i)}});
  }
  ASSERT_NE(first(), at_opening);
  std::filesystem::copy(path(), beside("copy"));  // as a kill at this moment would leave it
  EXPECT_FALSE(walk(RocksDBByteStore(beside("copy")).yield_keys()).empty());
}

TEST_F(MissingLog, IsNotMissedInACopyThatIsRestoredOverAKilledStore) {
  const auto backup = [this] {
    rocksdb::BackupEngine* engine = nullptr;
    const auto status = rocksdb::BackupEngine::Open(
        rocksdb::Env::Default(), rocksdb::BackupEngineOptions(beside("backup")), &engine);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return std::unique_ptr<rocksdb::BackupEngine>(engine);
  };
  open()->mset({{"a", text("1")}});
  EXPECT_TRUE(backup()->CreateNewBackup(open_database().get(), true).ok());
  write_and_be_killed();
  EXPECT_TRUE(backup()->RestoreDBFromLatestBackup(path(), path()).ok());
  remove_logs();
  EXPECT_EQ(walk(open()->yield_keys()), std::vector<std::string>{"a"});
}

/// Version 0.1 did not know the mark.
TEST_F(MissingLog, IsNotMissedAfterAnotherProgramOpenedAKilledStore) {
  write_and_be_killed();
  open_database()->Close();
  EXPECT_FALSE(walk(open()->yield_keys()).empty());
}

TEST_F(MissingLog, IsOnlyMissedWhereAStoreWasNotClosed) {
  {
    const auto store = open();
    EXPECT_TRUE(std::filesystem::exists(path() / "bytestore.open"));
  }
  EXPECT_FALSE(std::filesystem::exists(path() / "bytestore.open"));
}

}  // namespace
}  // namespace bytestore
