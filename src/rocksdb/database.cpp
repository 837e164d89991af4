#include "rocksdb/database.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

#include "core/fork.hpp"
#include "rocksdb/database_options.hpp"
#include "rocksdb/folder_contents.hpp"
#include "rocksdb/folder_path.hpp"
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

}  // namespace

Database::Database(const std::filesystem::path& path, const RocksDBOptions& options)
    : block_cache_(rocksdb::NewLRUCache(block_cache_bytes(options))) {
  refuse_in_forked_child();
  const auto folder = prepare_folder(path, options.create_if_missing);
  lock_.emplace(folder);
  if (look_into(folder) == FolderContents::nothing) refuse_missing(path, options.create_if_missing);
  auto database = database_options(options, block_cache_);
  database.listeners.push_back(compacted_);
  rocksdb::DB* opened = nullptr;
  check(fmt::format("opening {}", path.string()),
        rocksdb::DB::Open(database, folder.string(), &opened));
  db_.reset(opened);
  check_marker(path);
  upkeep_.emplace(*db_);
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
  upkeep_.reset();
  if (count_logs(db_->GetName()) > kMaxLogs) static_cast<void>(write_marker());
  // What cannot be moved into a table stays in the log, and the next opening finds it there.
  static_cast<void>(db_->Flush({}));
  const auto status = db_->Close();
  db_.reset();
  lock_.reset();
  check("closing the store", status);
}

}  // namespace bytestore::rocksdb_backend
