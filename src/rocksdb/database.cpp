#include "rocksdb/database.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "core/fork.hpp"
#include "rocksdb/compression.hpp"
#include "rocksdb/database_options.hpp"
#include "rocksdb/environment.hpp"
#include "rocksdb/folder_files.hpp"
#include "rocksdb/folder_path.hpp"
#include "rocksdb/open_mark.hpp"
#include "rocksdb/opening.hpp"
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

}  // namespace

Database::Database(const std::filesystem::path& path, const RocksDBOptions& options)
    : block_cache_(rocksdb::NewLRUCache(block_cache_bytes(options))),
      environment_(make_environment(mark_, log_state_)) {
  refuse_in_forked_child();
  require_compression();
  auto database = database_options(options, block_cache_, *environment_);
  if (options.read_only) {
    db_ = open_to_read({.path = existing_folder(path), .name = path}, std::move(database));
    return;
  }
  const StoreFolder folder{.path = prepare_folder(path, options.create_if_missing), .name = path};
  lock_.emplace(folder.path);
  database.listeners = {compacted_, log_state_};
  db_ = open_to_write(folder, database);
  log_ = std::make_unique<WriteAheadLog>(*db_, log_state_);
  mark_->set(folder.path);
  watch_.emplace(folder.path,
                 options.sync ? std::chrono::microseconds::zero() : FolderWatch::kShortWhile);
  upkeep_.emplace(*db_);
}

std::optional<Error> Database::write_refusal() {
  if (!watch_) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("writing failed: the store {} was opened with read_only; open it "
                             "without that to write",
                             db_->GetName()));
  }
  if (watch_->was_there()) return std::nullopt;
  return Error(ErrorCode::unavailable,
               fmt::format("writing failed: the folder {}, or its file LOCK, was deleted, moved or "
                           "replaced while the store was open; open it again",
                           db_->GetName()));
}

std::optional<std::uint64_t> Database::estimate_keys() {
  std::uint64_t keys = 0;
  if (!db_->GetIntProperty(rocksdb::DB::Properties::kEstimateNumKeys, &keys)) return std::nullopt;
  return keys - std::min<std::uint64_t>(keys, 1);  // the marker is one key
}

CompactResult Database::compact(const core::Call& call,
                                const std::function<void(const CompactProgress&)>& on_progress) {
  if (auto refusal = write_refusal()) throw std::move(*refusal);
  return compact_all(*db_, *compacted_, call, on_progress);
}

void Database::close() {
  upkeep_.reset();
  // What is in its place now may be another database.
  const bool is_lost = watch_ && !watch_->is_there();
  if (watch_ && !is_lost) leave_folder();
  const auto status = db_->Close();
  log_.reset();
  db_.reset();
  lock_.reset();
  if (is_lost) {
    status.PermitUncheckedError();  // writes tell of it; RocksDB does so only from version 9 on
  } else {
    check("closing the store", status);
  }
}

void Database::leave_folder() {
  if (log_state_->get() == LogState::State::usable &&
      log_numbers(db_->GetName()).size() > kMaxLogs) {
    static_cast<void>(write_marker(*db_));
  }
  // What cannot be moved into a table stays in the log, and the next opening finds it there.
  if (db_->Flush({}).ok()) mark_->remove();
}

}  // namespace bytestore::rocksdb_backend
