/// A store that was killed needs its write-ahead log, and says so if it was deleted.

#include <rocksdb/utilities/backup_engine.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "helper_process.hpp"
#include "rocksdb_test.hpp"
#include "support/folder_listing.hpp"

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

  [[nodiscard]] std::vector<std::filesystem::path> logs() const { return files("", ".log"); }

  /// Whether the store, which was killed, needed the log.
  [[nodiscard]] bool is_listed(const std::filesystem::path& log) const {
    std::ifstream mark(path() / "bytestore.open");
    std::string number;
    while (mark >> number) {
      if (std::stoul(log.stem()) == std::strtoul(number.c_str(), nullptr, 10)) return true;
    }
    return false;
  }

  void remove_logs() const {
    for (const auto& log : logs()) std::filesystem::remove(log);
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
    EXPECT_THAT(error.what(), HasSubstr(".log is missing"));
    EXPECT_THAT(error.what(), HasSubstr(path().string()));
    EXPECT_THAT(error.what(), HasSubstr("delete bytestore.open"));
  }
  EXPECT_TRUE(listing(path()) == before);

  const auto keys = walk(RocksDBByteStore(beside("copy")).yield_keys());
  EXPECT_FALSE(keys.empty());
}

TEST_F(MissingLog, IsNotHiddenByOlderLogs) {
  for (int i = 0; i < 3; ++i) open()->close();
  const auto older = logs();
  ASSERT_FALSE(older.empty());
  write_and_be_killed();
  for (const auto& log : logs()) {
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
  HelperProcess writer({"write", path().string(), "0", "async"});
  writer.read_line();
  const auto at_opening = logs().front();
  while (logs().front() == at_opening) writer.read_line();
  writer.kill();
  EXPECT_FALSE(walk(open()->yield_keys()).empty());
}

TEST_F(MissingLog, IsNoticedOfTheOlderOfTwo) {
  std::vector<std::filesystem::path> left;
  // Else it was moved into a table before the process ended.
  while (left.size() != 2 || !is_listed(left.front())) {
    HelperProcess writer({"write", path().string(), "0", "async"});
    writer.read_line();
    while (logs().size() != 2) writer.read_line();
    writer.kill();
    left = logs();
  }
  std::filesystem::copy(path(), beside("copy"));
  std::filesystem::remove(left.front());
  const auto error = error_of([&] { open(); });
  EXPECT_EQ(error.code(), ErrorCode::corrupt);
  EXPECT_THAT(error.what(), HasSubstr(left.front().filename().string()));
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
