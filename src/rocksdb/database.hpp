#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/db.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "bytestore/rocksdb_byte_store.hpp"
#include "rocksdb/folder_lock.hpp"

namespace bytestore::rocksdb_backend {

/// The size of a block in a table file: what a value shares its memory with when it is read without
/// a copy. RocksDB's default.
inline constexpr std::size_t kBlockBytes = 4'096;

/// Keys from here on are our own: no valid UTF-8 begins with this byte.
inline constexpr std::string_view kFirstInternalKey{"\xFF"};

/// An open database, its folder checked to be a bytestore.
class Database {
 public:
  /// \throws Error as the constructor of `RocksDBByteStore` says.
  Database(const std::filesystem::path& path, const RocksDBOptions& options);

  [[nodiscard]] rocksdb::DB& db() noexcept { return *db_; }

  /// Owns the blocks that reads are pinned to; outlives the database as long as it is shared.
  [[nodiscard]] const std::shared_ptr<rocksdb::Cache>& block_cache() const noexcept {
    return block_cache_;
  }

  /// About how many keys there are, without our own; none if RocksDB does not tell.
  [[nodiscard]] std::optional<std::uint64_t> estimate_keys();

  /// Moves what was written into a table, closes the database and gives the folder free.
  /// \throws Error if the closing failed.
  void close();

 private:
  rocksdb::Status write_marker();
  void check_marker(const std::filesystem::path& path);

  std::shared_ptr<rocksdb::Cache> block_cache_;
  std::optional<FolderLock> lock_;
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace bytestore::rocksdb_backend
