#include "rocksdb/upkeep.hpp"

#include <rocksdb/options.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/runtime.hpp"
#include "rocksdb/environment.hpp"

namespace bytestore::rocksdb_backend {
namespace {

using Properties = rocksdb::DB::Properties;

/// Less space is not worth the work.
constexpr std::uint64_t kLeastBytes = std::uint64_t{1} << 20;

/// Deletions are written to a table if there are that many of them for each key that is left.
constexpr std::uint64_t kKeysPerDeletion = 10;

/// How many bytes of large values are moved at once, rounded up to whole files.
constexpr std::uint64_t kMovedBytes = std::uint64_t{1} << 30;

}  // namespace

Upkeep::Upkeep(rocksdb::DB& database, std::chrono::milliseconds period)
    : database_(database), period_(period) {
  try {
    thread_ = core::make_thread([this] { run(); });
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): see above
  }
}

Upkeep::~Upkeep() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    changed_.notify_all();
  }
  if (!thread_.joinable()) return;
  database_.DisableManualCompaction();  // wakes one that waits for its turn
  thread_.join();
}

void Upkeep::note_deleted(KeyRange run) {
  const std::lock_guard lock(mutex_);
  runs_.add(std::move(run));
  changed_.notify_all();
}

void Upkeep::run() {
  auto next_look = std::chrono::steady_clock::now() + period_;
  std::unique_lock lock(mutex_);
  while (!is_ending_) {
    changed_.wait_until(lock, next_look, [this] { return is_ending_ || !runs_.empty(); });
    if (is_ending_) return;
    const auto deleted = runs_.take();
    lock.unlock();
    if (deleted) {
      compact_away(*deleted);
    } else {
      flush_deletions();
      move_large_values();
      next_look = std::chrono::steady_clock::now() + period_;
    }
    lock.lock();
  }
}

void Upkeep::compact_away(const KeyRange& run) {
  // Another compaction may have removed them since they were met.
  {
    const KeysOnly keys_only;
    rocksdb::ReadOptions options;
    options.max_skippable_internal_keys = kDenseDeletedKeys;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> keys(database_.NewIterator(options));
    keys->Seek(run.first);
    if (keys->Valid() || !keys->status().IsIncomplete() || KeysOnly::has_left_out()) return;
  }
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  const rocksdb::Slice first(run.first);
  const rocksdb::Slice last(run.last);
  database_.CompactRange(options, &first, &last).PermitUncheckedError();
}

std::uint64_t Upkeep::number(const std::string& property) {
  std::uint64_t number = 0;
  return database_.GetIntProperty(property, &number) ? number : 0;
}

void Upkeep::flush_deletions() {
  const auto deletions = number(Properties::kNumDeletesActiveMemTable);
  const auto bytes = number(Properties::kLiveSstFilesSize) + number(Properties::kLiveBlobFileSize);
  if (deletions == 0 || bytes < kLeastBytes) return;
  if (deletions < number(Properties::kEstimateNumKeys) / kKeysPerDeletion) return;
  // The table is compacted then, since it has many deletions (see database_options.cpp).
  database_.Flush({}).PermitUncheckedError();
}

void Upkeep::move_large_values() {
  const auto bytes = number(Properties::kLiveBlobFileSize);
  const auto garbage = number(Properties::kLiveBlobFileGarbageSize);
  // What is moved, and the tables that are written again, are at most as large as what is gained.
  if (garbage < kLeastBytes || garbage < bytes / 2) return;
  if (garbage < number(Properties::kLiveSstFilesSize)) return;
  const auto files =
      static_cast<double>(std::max<std::uint64_t>(number(Properties::kNumBlobFiles), 1));
  const auto share = static_cast<double>(kMovedBytes) / static_cast<double>(bytes);
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
  options.blob_garbage_collection_age_cutoff = std::min(std::max(share, 1.01 / files), 1.0);
  database_.CompactRange(options, nullptr, nullptr).PermitUncheckedError();
}

}  // namespace bytestore::rocksdb_backend
