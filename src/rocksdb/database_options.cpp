#include "rocksdb/database_options.hpp"

#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <cstdarg>

#include "rocksdb/database.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// Discards the log that RocksDB writes for humans. If the disk is full, RocksDB's own recovery
/// fails an assertion on that file and ends the process. Errors reach the caller as a status.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

}  // namespace

rocksdb::Options database_options(const RocksDBOptions& options,
                                  const std::shared_ptr<rocksdb::Cache>& block_cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = block_cache;
  table.block_size = kBlockBytes;
  // With 10 bits per key, 1 % of the reads of absent keys read a file (RocksDB's own figure).
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));

  rocksdb::Options result;
  result.create_if_missing = options.create_if_missing;
  result.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  result.compression = rocksdb::kLZ4Compression;
  // An incomplete record at the end of the log is a write that was never acknowledged. Damage
  // before that is an error; RocksDB's default would silently drop everything after it.
  result.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // This is below the usual limit of 1,024 open files, and leaves some to the rest of the process.
  result.max_open_files = 512;
  result.info_log = std::make_shared<NoLog>();
  return result;
}

}  // namespace bytestore::rocksdb_backend
