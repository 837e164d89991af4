#include "rocksdb/database_options.hpp"

#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <algorithm>
#include <cstdarg>
#include <cstdint>

#include "rocksdb/compression.hpp"
#include "rocksdb/database.hpp"
#include "rocksdb/machine_memory.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// The format of the tables. RocksDB 7.8, the oldest version that we support, writes and reads it;
/// newer ones would write one that it cannot read.
constexpr std::uint32_t kTableFormat = 5;

/// Discards the log that RocksDB writes for humans. If the disk is full, RocksDB's own recovery
/// fails an assertion on that file and ends the process. Errors reach the caller as a status.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

/// The cache has this part of the memory, within these limits.
constexpr std::uint64_t kMemoryPerCache = 16;
constexpr std::uint64_t kLeastCacheBytes = std::uint64_t{32} << 20;
constexpr std::uint64_t kMostCacheBytes = std::uint64_t{512} << 20;

/// Values of this size and more are kept in files of their own. A listing does not read those, and
/// moving them about in compactions would cost more than finding them through another file does.
constexpr std::uint64_t kLargeValueBytes = std::uint64_t{64} << 10;

/// A table is compacted soon if half of it, or of so many entries in it that follow one another,
/// are marks of deleted keys.
constexpr std::size_t kDeletionWindow = 4'096;
constexpr double kDenseDeletions = 0.5;

void keep_large_values_apart(rocksdb::Options& options) {
  options.enable_blob_files = true;
  options.min_blob_size = kLargeValueBytes;
  options.blob_compression_type = kCompression;
  // Each compaction would move the oldest values, whether it helps or not; `Upkeep` has them moved
  // where much space can be gained.
  options.enable_blob_garbage_collection = false;
}

}  // namespace

std::size_t block_cache_bytes(const RocksDBOptions& options) {
  if (options.block_cache_bytes != RocksDBOptions::kCacheByMemory) return options.block_cache_bytes;
  static const auto kByMemory = static_cast<std::size_t>(
      std::clamp(usable_memory() / kMemoryPerCache, kLeastCacheBytes, kMostCacheBytes));
  return kByMemory;
}

rocksdb::Options database_options(const RocksDBOptions& options,
                                  const std::shared_ptr<rocksdb::Cache>& block_cache,
                                  rocksdb::Env& environment) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = block_cache;
  table.block_size = kBlockBytes;
  table.format_version = kTableFormat;
  // With 10 bits per key, 1 % of the reads of absent keys read a file (RocksDB's own figure).
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));

  rocksdb::Options result;
  result.env = &environment;
  result.create_if_missing = options.create_if_missing;
  result.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  result.compression = kCompression;
  keep_large_values_apart(result);
  result.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(
          kDeletionWindow, static_cast<std::size_t>(kDenseDeletions * kDeletionWindow),
          kDenseDeletions));
  // A batch comes in the order of its keys: the search for the place of a key begins where the one
  // before was put, whatever the keys begin with.
  result.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(0));
  // An incomplete record at the end of the log is a write that was never acknowledged. Damage
  // before that is an error; RocksDB's default would silently drop everything after it.
  result.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // This is below the usual limit of 1,024 open files, and leaves some to the rest of the process.
  result.max_open_files = 512;
  result.info_log = std::make_shared<NoLog>();
  return result;
}

}  // namespace bytestore::rocksdb_backend
