#include "rocksdb/batch_writer.hpp"

#include <gtest/gtest.h>
#include <rocksdb/statistics.h>
#include <rocksdb/transaction_log.h>

#include <algorithm>
#include <memory>
#include <stop_token>

#include "support/errors.hpp"
#include "support/temporary_folder.hpp"
#include "support/values.hpp"

namespace bytestore::rocksdb_backend {
namespace {

using testing::numbered_keys;

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// One internal batch as the log of the database has it.
struct Logged {
  std::size_t keys;
  std::size_t bytes;
};

/// Keeps the keys of a batch, in its order.
struct KeysOfBatch final : rocksdb::WriteBatch::Handler {
  rocksdb::Status PutCF(std::uint32_t /*family*/, const rocksdb::Slice& key,
                        const rocksdb::Slice& /*value*/) override {
    found.push_back(key.ToString());
    return rocksdb::Status::OK();
  }

  std::vector<std::string> found;
};

class BatchWriterTest : public ::testing::Test {
 protected:
  BatchWriterTest() {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.statistics = rocksdb::CreateDBStatistics();
    options.WAL_ttl_seconds = 3'600;  // keep the log, also when a memtable is full
    statistics_ = options.statistics;
    rocksdb::DB* opened = nullptr;
    const auto status = rocksdb::DB::Open(options, folder_.path().string(), &opened);
    EXPECT_TRUE(status.ok()) << status.ToString();
    db_.reset(opened);
    log_.emplace(*db_, std::make_shared<LogState>());
  }

  [[nodiscard]] std::uint64_t syncs() const {
    return statistics_->getTickerCount(rocksdb::WAL_FILE_SYNCED);
  }

  std::vector<Logged> logged() {
    std::unique_ptr<rocksdb::TransactionLogIterator> log;
    const auto status = db_->GetUpdatesSince(1, &log);
    EXPECT_TRUE(status.ok()) << status.ToString();
    std::vector<Logged> batches;
    for (; log->Valid(); log->Next()) {
      const auto batch = log->GetBatch();
      batches.push_back({batch.writeBatchPtr->Count(), batch.writeBatchPtr->GetDataSize()});
    }
    return batches;
  }

  std::string get(std::string_view key) {
    std::string value;
    const auto status = db_->Get({}, key, &value);
    return status.ok() ? value : status.ToString();
  }

  testing::TemporaryFolder folder_;
  std::shared_ptr<rocksdb::Statistics> statistics_;
  std::unique_ptr<rocksdb::DB> db_;
  std::optional<WriteAheadLog> log_;
  core::Call call_{{}, {}};
};

TEST_F(BatchWriterTest, PutsValuesBehindTheirHeader) {
  BatchWriter writer(*log_, false, call_);
  writer.put("a", "1");
  writer.put("b", rocksdb::Slice());
  writer.put("a", "2");
  EXPECT_TRUE(writer.finish().empty());
  EXPECT_EQ(get("a"), std::string("\x01\x00"
                                  "2",
                                  3));
  EXPECT_EQ(get("b"), std::string("\x01\x00", 2));
}

TEST_F(BatchWriterTest, Removes) {
  BatchWriter writer(*log_, false, call_);
  writer.put("a", "1");
  writer.remove("a");
  writer.remove("nope");
  EXPECT_TRUE(writer.finish().empty());
  EXPECT_TRUE(get("a").starts_with("NotFound"));
}

TEST_F(BatchWriterTest, WritesABatchInTheOrderOfItsKeys) {
  BatchWriter writer(*log_, false, call_);
  for (const std::string_view key : {"c", "a", "d", "b"}) writer.put(key, "1");
  EXPECT_TRUE(writer.finish().empty());
  std::unique_ptr<rocksdb::TransactionLogIterator> log;
  ASSERT_TRUE(db_->GetUpdatesSince(1, &log).ok());
  KeysOfBatch keys;
  ASSERT_TRUE(log->GetBatch().writeBatchPtr->Iterate(&keys).ok());
  EXPECT_EQ(keys.found, (std::vector<std::string>{"a", "b", "c", "d"}));
}

TEST_F(BatchWriterTest, OfSeveralOperationsOnOneKeyTheLastCounts) {
  BatchWriter writer(*log_, false, call_);
  writer.put("z", "1");
  writer.put("b", "first");
  writer.remove("c");
  writer.put("b", "last");
  writer.put("c", "put after its removal");
  writer.put("a", "removed afterwards");
  writer.remove("a");
  EXPECT_TRUE(writer.finish().empty());
  EXPECT_EQ(get("b").substr(2), "last");
  EXPECT_EQ(get("c").substr(2), "put after its removal");
  EXPECT_TRUE(get("a").starts_with("NotFound"));
}

TEST_F(BatchWriterTest, SyncsOncePerCall) {
  for (const std::size_t count : {1U, 9'999U, 10'000U, 10'001U, 20'000U, 25'000U}) {
    const auto before = syncs();
    const auto keys = numbered_keys("key", count);
    BatchWriter writer(*log_, true, call_);
    for (const auto& key : keys) writer.put(key, "value");
    EXPECT_TRUE(writer.finish().empty());
    EXPECT_EQ(syncs(), before + 1) << count << " keys";
  }
}

TEST_F(BatchWriterTest, DoesNotSyncWhenItShallNot) {
  const auto keys = numbered_keys("key", 25'000);
  BatchWriter writer(*log_, false, call_);
  for (const auto& key : keys) writer.put(key, "value");
  EXPECT_TRUE(writer.finish().empty());
  EXPECT_EQ(syncs(), 0U);
}

TEST_F(BatchWriterTest, DoesNotSyncWithoutWork) {
  BatchWriter writer(*log_, true, call_);
  EXPECT_TRUE(writer.finish().empty());
  EXPECT_EQ(syncs(), 0U);
}

TEST_F(BatchWriterTest, BatchesHaveAtMostTenThousandKeys) {
  const auto keys = numbered_keys("key", 25'000);
  BatchWriter writer(*log_, true, call_);
  for (const auto& key : keys) writer.remove(key);
  EXPECT_TRUE(writer.finish().empty());
  const auto batches = logged();
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[0].keys, 10'000U);
  EXPECT_EQ(batches[1].keys, 10'000U);
  EXPECT_EQ(batches[2].keys, 5'000U);
}

TEST_F(BatchWriterTest, BatchesHaveAtMostEightMiB) {
  const auto value = testing::noise(3 * kMiB, 1);
  BatchWriter writer(*log_, true, call_);
  for (const std::string_view key : {"a", "b", "c", "d", "e"}) writer.put(key, value.view());
  EXPECT_TRUE(writer.finish().empty());
  const auto batches = logged();
  ASSERT_EQ(batches.size(), 3U);
  for (const auto& batch : batches) EXPECT_LE(batch.bytes, 8 * kMiB);
}

TEST_F(BatchWriterTest, ALargerValueIsABatchOfItsOwn) {
  const auto small = testing::noise(kMiB, 1);
  const auto large = testing::noise(12 * kMiB, 2);
  BatchWriter writer(*log_, true, call_);
  writer.put("a", small.view());
  writer.put("b", large.view());
  writer.put("c", small.view());
  writer.put("d", small.view());
  EXPECT_TRUE(writer.finish().empty());
  const auto batches = logged();
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[0].keys, 1U);
  EXPECT_EQ(batches[1].keys, 1U);
  EXPECT_GT(batches[1].bytes, 12 * kMiB);
  EXPECT_EQ(batches[2].keys, 2U);
}

TEST_F(BatchWriterTest, RefusedPositionsAreReportedAmongTheOthers) {
  BatchWriter writer(*log_, true, call_);
  writer.put("a", "1");
  writer.refuse("b", ErrorCode::too_large, "too large");
  writer.put("c", "3");
  writer.refuse("d", ErrorCode::too_large, "too large");
  auto failures = writer.finish();
  std::ranges::sort(failures, {}, &KeyFailure::index);
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_EQ(failures[0].index, 1U);
  EXPECT_EQ(failures[0].key, "b");
  EXPECT_EQ(failures[0].code, ErrorCode::too_large);
  EXPECT_EQ(failures[0].outcome, Outcome::failed);
  EXPECT_EQ(failures[1].index, 3U);
  EXPECT_EQ(get("c"), std::string("\x01\x00"
                                  "3",
                                  3));
}

TEST_F(BatchWriterTest, AnInterruptedCallFailsWhatWasNotWrittenAndKeepsTheRest) {
  std::stop_source stop;
  const core::Call call({.stop = stop.get_token()}, {});
  const auto keys = numbered_keys("key", 25'000);
  BatchWriter writer(*log_, true, call);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i == 15'000) stop.request_stop();
    writer.put(keys[i], "value");
  }
  auto failures = writer.finish();
  std::ranges::sort(failures, {}, &KeyFailure::index);
  ASSERT_EQ(failures.size(), 15'000U);
  EXPECT_EQ(failures.front().index, 10'000U);
  EXPECT_EQ(failures.back().index, 24'999U);
  EXPECT_EQ(failures.front().code, ErrorCode::cancelled);
  EXPECT_EQ(failures.front().outcome, Outcome::failed);
  EXPECT_EQ(logged().size(), 1U);
  EXPECT_EQ(syncs(), 1U) << "what was written is on disk";
}

TEST_F(BatchWriterTest, AFailureHasThePositionThatItsKeyWasGivenAt) {
  std::stop_source stop;
  const core::Call call({.stop = stop.get_token()}, {});
  BatchWriter writer(*log_, true, call);
  writer.put("c", "1");
  writer.refuse("d", ErrorCode::too_large, "too large");
  writer.put("a", "2");
  writer.put("c", "3");
  writer.put("b", "4");
  stop.request_stop();
  auto failures = writer.finish();
  std::ranges::sort(failures, {}, &KeyFailure::index);
  std::vector<std::string> keys(failures.size());
  std::ranges::transform(failures, keys.begin(), &KeyFailure::key);
  EXPECT_EQ(keys, (std::vector<std::string>{"c", "d", "a", "c", "b"}));
  for (std::size_t i = 0; i < failures.size(); ++i) EXPECT_EQ(failures[i].index, i);
}

TEST_F(BatchWriterTest, AWriteThatFailsIsUnknown) {
  const std::string path = folder_.path().string();
  log_.reset();
  db_.reset();
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::OpenForReadOnly({}, path, &opened).ok());
  db_.reset(opened);
  log_.emplace(*db_, std::make_shared<LogState>());
  BatchWriter writer(*log_, true, call_);
  writer.put("a", "1");
  writer.put("b", "2");
  auto failures = writer.finish();
  std::ranges::sort(failures, {}, &KeyFailure::index);
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_EQ(failures[0].index, 0U);
  EXPECT_EQ(failures[1].key, "b");
  EXPECT_EQ(failures[0].outcome, Outcome::unknown);
}

}  // namespace
}  // namespace bytestore::rocksdb_backend
