#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "bytestore/error.hpp"
#include "bytestore/rocksdb_byte_store.hpp"
#include "rocksdb/compaction.hpp"
#include "rocksdb/folder_lock.hpp"
#include "rocksdb/folder_watch.hpp"
#include "rocksdb/log_state.hpp"
#include "rocksdb/open_mark.hpp"
#include "rocksdb/upkeep.hpp"
#include "rocksdb/write_ahead_log.hpp"

namespace bytestore::rocksdb_backend {

/// The size of a block in a table file; docs/decisions/063-large-values-and-deleted-keys.md has the
/// measurements. A value that is read without a copy shares the memory of its block.
inline constexpr std::size_t kBlockBytes = 8'192;

/// An open database, whose folder was checked to be a bytestore.
class Database {
 public:
  /// \throws Error as the constructor of `RocksDBByteStore` does.
  Database(const std::filesystem::path& path, const RocksDBOptions& options);

  [[nodiscard]] rocksdb::DB& db() noexcept { return *db_; }

  /// How it is written, unless there is a `write_refusal`.
  [[nodiscard]] WriteAheadLog& log() noexcept { return *log_; }

  /// The cache that owns the blocks that reads pin; it may outlive the database while it is shared.
  [[nodiscard]] const std::shared_ptr<rocksdb::Cache>& block_cache() const noexcept {
    return block_cache_;
  }

  /// Writes everything again without what was deleted, as `RocksDBByteStore::compact` describes.
  CompactResult compact(const core::Call& call,
                        const std::function<void(const CompactProgress&)>& on_progress);

  /// A listing came past deleted keys only.
  void note_deleted(KeyRange run) {
    if (upkeep_) upkeep_->note_deleted(std::move(run));
  }

  /// Returns about how many keys there are, without our own; nothing if RocksDB does not report it.
  [[nodiscard]] std::optional<std::uint64_t> estimate_keys();

  /// Returns why nothing may be written now; asked before each call that writes.
  [[nodiscard]] std::optional<Error> write_refusal();

  /// Moves what was written into a table, closes the database and releases the folder.
  /// \throws Error if closing failed.
  void close();

 private:
  void leave_folder();

  std::shared_ptr<rocksdb::Cache> block_cache_;
  std::shared_ptr<OpenMark> mark_ = std::make_shared<OpenMark>();
  std::shared_ptr<LogState> log_state_ = std::make_shared<LogState>();
  std::unique_ptr<rocksdb::Env> environment_;
  std::shared_ptr<CompactedBytes> compacted_ = std::make_shared<CompactedBytes>();
  // A store that only reads has a database, and nothing else of these.
  std::optional<FolderLock> lock_;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<WriteAheadLog> log_;
  std::optional<FolderWatch> watch_;
  std::optional<Upkeep> upkeep_;
};

}  // namespace bytestore::rocksdb_backend
