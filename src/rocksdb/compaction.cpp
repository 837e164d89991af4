#include "rocksdb/compaction.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "bytestore/error.hpp"
#include "core/runtime.hpp"
#include "rocksdb/status.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// How often progress is reported, and how soon a stop is noticed.
constexpr std::chrono::milliseconds kTick{20};

std::uint64_t bytes_of(rocksdb::DB& database) {
  std::uint64_t tables = 0;
  std::uint64_t values = 0;
  database.GetIntProperty(rocksdb::DB::Properties::kLiveSstFilesSize, &tables);
  database.GetIntProperty(rocksdb::DB::Properties::kLiveBlobFileSize, &values);
  return tables + values;
}

/// A compaction under way, which is ended and waited for by the destructor.
class Running {
 public:
  explicit Running(rocksdb::DB& database) : database_(database) {
    thread_ = core::make_thread([this] { status_.set_value(compact()); });
  }
  ~Running() {
    if (!thread_.joinable()) return;
    is_ended_ = true;
    database_.DisableManualCompaction();  // wakes one that waits for its turn
    thread_.join();
    database_.EnableManualCompaction();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  /// Returns whether it has ended.
  [[nodiscard]] bool wait_a_tick() const {
    return result_.wait_for(kTick) == std::future_status::ready;
  }
  [[nodiscard]] rocksdb::Status status() {
    thread_.join();
    return result_.get();
  }

 private:
  rocksdb::Status compact() {
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    options.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
    options.blob_garbage_collection_age_cutoff = 1.0;
    auto status = compact_with(options);
    if (!status.ok() || !has_garbage()) return status;
    // What an automatic compaction wrote to the last level meanwhile was left out.
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    return compact_with(options);
  }

  [[nodiscard]] bool has_garbage() {
    std::uint64_t bytes = 0;
    database_.GetIntProperty(rocksdb::DB::Properties::kLiveBlobFileGarbageSize, &bytes);
    return bytes > 0;
  }

  rocksdb::Status compact_with(const rocksdb::CompactRangeOptions& options) {
    for (;;) {
      auto status = database_.CompactRange(options, nullptr, nullptr);
      // RocksDB ends all compactions of the database where one of them is stopped, and would set
      // the flags `canceled` of all of them.
      if (!status.IsManualCompactionPaused() || is_ended_) return status;
      std::this_thread::sleep_for(kTick);
    }
  }

  rocksdb::DB& database_;
  std::atomic<bool> is_ended_{false};
  std::promise<rocksdb::Status> status_;
  std::future<rocksdb::Status> result_ = status_.get_future();
  std::thread thread_;
};

}  // namespace

void CompactedBytes::OnTableFileCreated(const rocksdb::TableFileCreationInfo& info) {
  if (info.reason == rocksdb::TableFileCreationReason::kCompaction) bytes_ += info.file_size;
}

void CompactedBytes::OnBlobFileCreated(const rocksdb::BlobFileCreationInfo& info) {
  if (info.reason == rocksdb::BlobFileCreationReason::kCompaction) bytes_ += info.total_blob_bytes;
}

CompactResult compact_all(rocksdb::DB& database, const CompactedBytes& compacted,
                          const core::Call& call,
                          const std::function<void(const CompactProgress&)>& on_progress) {
  check("compacting", database.Flush({}));
  CompactResult result{.bytes_before = bytes_of(database)};
  const auto begun = compacted.count();
  Running running(database);
  do {
    if (on_progress) {
      on_progress(
          {.bytes_written = compacted.count() - begun, .bytes_before = result.bytes_before});
    }
    if (const auto code = call.interruption()) {
      throw Error(*code, "the compaction was stopped; what it has freed stays free");
    }
  } while (!running.wait_a_tick());
  check("compacting", running.status());
  result.bytes_after = bytes_of(database);
  return result;
}

}  // namespace bytestore::rocksdb_backend
