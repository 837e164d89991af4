#include "rocksdb/write_group.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/statistics.h>

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "bytestore/bytes.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// Keeps what it is told.
class KeptResult final : public core::Sink<core::WriteResult> {
 public:
  void done(core::WriteResult result) noexcept override { result_.emplace(std::move(result)); }

  [[nodiscard]] bool has_come() const { return result_.has_value(); }
  [[nodiscard]] const std::vector<KeyFailure>& failures() const { return result_->failures; }

 private:
  std::optional<core::WriteResult> result_;
};

class WriteGroupTest : public ::testing::Test {
 protected:
  WriteGroupTest() {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.statistics = statistics_;
    rocksdb::DB* opened = nullptr;
    const auto status = rocksdb::DB::Open(options, folder_.path().string(), &opened);
    EXPECT_TRUE(status.ok()) << status.ToString();
    db_.reset(opened);
    log_.emplace(*db_, std::make_shared<LogState>());
  }

  [[nodiscard]] std::uint64_t syncs() const {
    return statistics_->getTickerCount(rocksdb::WAL_FILE_SYNCED);
  }
  [[nodiscard]] bool has(std::string_view key) const {
    std::string value;
    return db_->Get({}, key, &value).ok();
  }

  testing::TemporaryFolder folder_;
  std::shared_ptr<rocksdb::Statistics> statistics_ = rocksdb::CreateDBStatistics();
  std::unique_ptr<rocksdb::DB> db_;
  std::optional<WriteAheadLog> log_;
  core::Call call_{{}, {}};
  const std::vector<EntryRef> entries_{{"a", as_bytes("1")}, {"b", as_bytes("2")}};
  const std::vector<std::string_view> keys_{"a"};
};

TEST_F(WriteGroupTest, WritesAtOnceAndSyncsOnceBeforeItTells) {
  RocksDBWriteGroup group(*log_);
  KeptResult written;
  KeptResult removed;
  group.write(entries_, call_, written);
  EXPECT_TRUE(has("a"));
  group.write(keys_, call_, removed);
  EXPECT_FALSE(has("a"));
  EXPECT_EQ(syncs(), 0U);
  EXPECT_FALSE(written.has_come());
  EXPECT_FALSE(removed.has_come());
  group.end();
  EXPECT_EQ(syncs(), 1U);
  EXPECT_TRUE(written.failures().empty());
  EXPECT_TRUE(removed.failures().empty());
  EXPECT_TRUE(has("b"));
}

TEST_F(WriteGroupTest, AnInterruptedCallFailsAloneAndNeedsNoSync) {
  std::stop_source stop;
  stop.request_stop();
  const core::Call stopped({.stop = stop.get_token()}, {});
  KeptResult failed;
  {
    RocksDBWriteGroup group(*log_);
    group.write(entries_, stopped, failed);
    group.end();
  }
  EXPECT_EQ(syncs(), 0U);
  ASSERT_EQ(failed.failures().size(), 2U);
  EXPECT_EQ(failed.failures()[0].code, ErrorCode::cancelled);
  EXPECT_EQ(failed.failures()[0].outcome, Outcome::failed);
  EXPECT_FALSE(has("a"));

  RocksDBWriteGroup group(*log_);
  KeptResult written;
  group.write(entries_, stopped, failed);
  group.write(entries_, call_, written);
  group.end();
  EXPECT_EQ(failed.failures().size(), 2U);
  EXPECT_TRUE(written.failures().empty());
  EXPECT_EQ(syncs(), 1U);
}

TEST_F(WriteGroupTest, OfNothingSyncsNothing) {
  RocksDBWriteGroup group(*log_);
  group.end();
  EXPECT_EQ(syncs(), 0U);
}

TEST_F(WriteGroupTest, WhatCouldNotBeSyncedIsUnknown) {
  BatchWriter writer(*log_, true, call_);
  writer.add(entries_);
  writer.write_all();
  EXPECT_TRUE(writer.needs_sync());
  const auto failures = writer.finish(rocksdb::Status::IOError("no space"));
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_EQ(failures[1].key, "b");
  EXPECT_EQ(failures[1].index, 1U);
  EXPECT_EQ(failures[1].code, ErrorCode::io);
  EXPECT_EQ(failures[1].outcome, Outcome::unknown);
}

}  // namespace
}  // namespace bytestore::rocksdb_backend
