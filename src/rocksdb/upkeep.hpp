#pragma once

#include <rocksdb/db.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "rocksdb/deleted_runs.hpp"

namespace bytestore::rocksdb_backend {

/// How many deleted keys in a row are worth to be compacted away.
inline constexpr std::uint64_t kDenseDeletedKeys = 4'096;

/// What RocksDB does not do by itself for a database that stays open: it has the space of deleted
/// and overwritten values freed, and the deleted keys removed that listings come past again and
/// again. It works on one thread of its own, on one thing at a time.
///
/// If the system makes no thread for it, there is none, and nothing else is missing.
class Upkeep {
 public:
  /// How often it looks whether there is space to free.
  static constexpr std::chrono::milliseconds kPeriod{30'000};

  explicit Upkeep(rocksdb::DB& database, std::chrono::milliseconds period = kPeriod);
  /// Ends what is under way, and waits for that.
  ~Upkeep();
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

  /// A listing came past deleted keys only. Has them compacted away soon, if that is worth it.
  void note_deleted(KeyRange run);

 private:
  void run();
  void compact_away(const KeyRange& run);
  /// Deletions that were not written to a table keep the space of what they delete.
  void flush_deletions();
  /// A file of large values is removed when the last one of them is gone; moves those that are left
  /// elsewhere.
  void move_large_values();
  [[nodiscard]] std::uint64_t number(const std::string& property);

  rocksdb::DB& database_;
  std::chrono::milliseconds period_;
  std::mutex mutex_;
  std::condition_variable changed_;
  DeletedRuns runs_;        // under the mutex
  bool is_ending_ = false;  // under the mutex
  std::thread thread_;      // last: it uses the others
};

}  // namespace bytestore::rocksdb_backend
