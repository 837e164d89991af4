#include "rocksdb/database.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

#include "core/fork.hpp"
#include "rocksdb/folder_contents.hpp"
#include "rocksdb/marker.hpp"
#include "rocksdb/status.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// How many logs a folder may have before empty ones are removed. RocksDB keeps the log of each
/// opening until a later table is written, so many openings that only read leave many logs.
constexpr std::size_t kMaxLogs = 8;

#ifdef __GLIBC__
void leave_at_once(int status, void* /*unused*/) {
  static_cast<void>(std::fflush(nullptr));
  ::_exit(status);
}

/// RocksDB's static objects wait at exit for threads that a forked child does not have. Therefore a
/// child flushes its streams, and ends before they are destroyed. Functions that the child itself
/// registers with `atexit` have run by then.
void skip_static_destructors() { static_cast<void>(::on_exit(leave_at_once, nullptr)); }
#else
void skip_static_destructors() {}
#endif

/// RocksDB's background threads belong to the process, not to a database, and do not survive a
/// fork.
void refuse_in_forked_child() {
  static const core::ForkGuard first_use;
  [[maybe_unused]] static const int registered =
      ::pthread_atfork(nullptr, nullptr, skip_static_destructors);
  if (!first_use.in_child()) return;
  throw Error(
      ErrorCode::unavailable,
      "this process was forked from one that had used RocksDB, and lacks RocksDB's threads; "
      "open the store in a separate process (fork and exec)");
}

/// Discards the log that RocksDB writes for humans. If the disk is full, RocksDB's own recovery
/// fails an assertion on that file and ends the process. Errors reach the caller as a status.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

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

/// Returns how many logs the folder has; their names are like 000123.log.
std::size_t count_logs(const std::filesystem::path& path) {
  std::size_t count = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    if (entry.path().extension() != ".log") continue;
    const auto number = entry.path().stem().string();
    if (number.find_first_not_of("0123456789") == std::string::npos) ++count;
  }
  return count;
}

/// Refuses a path with a NUL byte: system calls would take the part before it for the path.
void refuse_nul(const std::filesystem::path& path) {
  if (path.native().find('\0') == std::string::npos) return;
  throw Error(
      ErrorCode::invalid_argument,
      "the path of the store contains a NUL byte, which a file name cannot contain; leave it out");
}

void check_path(const std::filesystem::path& path, const std::error_code& error) {
  if (!error) return;
  throw Error(ErrorCode::io,
              fmt::format("opening {} failed: {}; check the path and the permissions "
                          "of its folders",
                          path.string(), error.message()));
}

void refuse_missing(const std::filesystem::path& path, bool create) {
  if (create) return;
  throw Error(ErrorCode::unavailable,
              fmt::format("there is no store in {}; check the path, or write to it first to "
                          "create it",
                          path.string()));
}

/// Refuses another program's folder before our lock file is put into it. A folder that has the lock
/// file is examined after it is locked.
void refuse_foreign(const std::filesystem::path& folder, bool create) {
  const auto has_lock = [&] {
    std::error_code error;
    return std::filesystem::exists(folder / FolderLock::kFile, error);
  };
  if (has_lock()) return;
  try {
    if (look_into(folder) == FolderContents::nothing) refuse_missing(folder, create);
  } catch (const Error&) {
    // Another store may be creating itself there now; it creates its lock file first.
    if (!has_lock()) throw;
  }
}

/// Creates the folder if it does not exist; does not change what exists.
void prepare_folder(const std::filesystem::path& path, bool create) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::is_directory(status)) return refuse_foreign(path, create);
  if (std::filesystem::exists(status)) {
    throw Error(ErrorCode::schema,
                fmt::format("opening {} failed: it is a file, not a folder; choose another path",
                            path.string()));
  }
  if (status.type() != std::filesystem::file_type::not_found) check_path(path, error);
  refuse_missing(path, create);
  std::filesystem::create_directories(path, error);
  if (error) {
    throw Error(ErrorCode::io,
                fmt::format("cannot create the folder {}: {}", path.string(), error.message()));
  }
}

/// Returns the absolute path, which stays valid if the process changes its working folder.
std::filesystem::path lasting_path(const std::filesystem::path& path) {
  std::error_code error;
  auto found = std::filesystem::canonical(path, error);
  check_path(path, error);
  return found;
}

}  // namespace

Database::Database(const std::filesystem::path& path, const RocksDBOptions& options)
    : block_cache_(rocksdb::NewLRUCache(options.block_cache_bytes)) {
  refuse_in_forked_child();
  refuse_nul(path);
  prepare_folder(path, options.create_if_missing);
  const auto folder = lasting_path(path);
  lock_.emplace(folder);
  if (look_into(folder) == FolderContents::nothing) refuse_missing(path, options.create_if_missing);
  rocksdb::DB* opened = nullptr;
  check(fmt::format("opening {}", path.string()),
        rocksdb::DB::Open(database_options(options, block_cache_), folder.string(), &opened));
  db_.reset(opened);
  check_marker(path);
}

void Database::check_marker(const std::filesystem::path& path) {
  const auto what = fmt::format("opening {}", path.string());
  std::string marker;
  const auto status = db_->Get({}, rocksdb::Slice(kMarkerKey), &marker);
  if (status.ok() && marker == kMarker) return;
  if (status.ok()) {
    throw Error(ErrorCode::schema,
                fmt::format("{} failed: the store was written in format {}, by a newer version of "
                            "bytestore; open it with that version",
                            what, marker));
  }
  if (!status.IsNotFound()) check(what, status);

  const std::unique_ptr<rocksdb::Iterator> first(db_->NewIterator({}));
  first->SeekToFirst();
  check(what, first->status());
  if (first->Valid()) {
    throw Error(ErrorCode::schema,
                fmt::format("{} failed: the folder holds a RocksDB database that bytestore did not "
                            "write; choose another folder",
                            what));
  }
  check(what, write_marker());
}

rocksdb::Status Database::write_marker() {
  rocksdb::WriteOptions on_disk;
  on_disk.sync = true;
  return db_->Put(on_disk, rocksdb::Slice(kMarkerKey), rocksdb::Slice(kMarker));
}

std::optional<std::uint64_t> Database::estimate_keys() {
  std::uint64_t keys = 0;
  if (!db_->GetIntProperty(rocksdb::DB::Properties::kEstimateNumKeys, &keys)) return std::nullopt;
  return keys - std::min<std::uint64_t>(keys, 1);  // the marker is one key
}

void Database::close() {
  if (count_logs(db_->GetName()) > kMaxLogs) static_cast<void>(write_marker());
  // What cannot be moved into a table stays in the log, and the next opening finds it there.
  static_cast<void>(db_->Flush({}));
  const auto status = db_->Close();
  db_.reset();
  lock_.reset();
  check("closing the store", status);
}

}  // namespace bytestore::rocksdb_backend
