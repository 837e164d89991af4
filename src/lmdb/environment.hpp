#pragma once

#include <lmdb.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "bytestore/error.hpp"
#include "lmdb/handles.hpp"
#include "lmdb/map_gate.hpp"
#include "lmdb/snapshot_tree.hpp"

namespace bytestore::lmdb_backend {

/// The size of a map at first, of which only what is written takes space. It doubles when it is
/// full.
inline constexpr std::size_t kSmallestMapBytes = std::size_t{1} << 30;

/// How many readers there may be at once, of all processes. Whoever opens a folder that no process
/// has open decides.
inline constexpr unsigned kMaxReaders = 4'096;

/// An LMDB environment that is open, once in this process for each folder (shared_environment.hpp).
/// Thread safe.
class Environment {
 public:
  /// Opens it, and creates its files if they are not there.
  /// \throws Error
  explicit Environment(const std::filesystem::path& folder,
                       std::size_t map_bytes = kSmallestMapBytes);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  /// A snapshot, which pins the pages that later writes free: keep it for a short time only. Must
  /// not be held while a thread of its own begins another one.
  class Snapshot {
   public:
    explicit Snapshot(Environment& environment);
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    [[nodiscard]] MDB_txn* transaction() const noexcept { return transaction_.get(); }
    [[nodiscard]] MapPlace& map_place() const noexcept { return environment_.map_place_; }

   private:
    Environment& environment_;
    std::optional<MapGate::Pass> pass_;
    TransactionHandle transaction_;
  };

  /// What became of a write.
  struct Written {
    int status = 0;                     ///< what LMDB returned
    Outcome outcome = Outcome::failed;  ///< if that is not 0
  };

  /// Writes, and returns 0 for that to be committed, or else what LMDB returned. If it sets the
  /// flag, it is on disk when `write` returns.
  using Body = std::function<int(MDB_txn*, bool& sync)>;

  /// Waits for the turn of this process among all that write, and calls `body`, several times if
  /// the map was too small. One thread at a time.
  /// \throws Error if the map cannot grow; what `body` throws. Nothing is written then.
  Written write(const Body& body);

  /// Writes to disk what was written without `sync`. \throws Error.
  void flush();

  [[nodiscard]] std::uint64_t count_entries();

 private:
  [[nodiscard]] EnvironmentHandle open(std::size_t map_bytes) const;
  TransactionHandle begin_read();
  TransactionHandle take_idle();
  void keep_idle(TransactionHandle transaction) noexcept;
  Written write_once(const Body& body);
  Written commit(bool sync, TransactionHandle transaction);
  void after_commit(bool sync);
  void grow(bool because_others_did);
  [[nodiscard]] std::size_t used_bytes() const;
  void map_again(std::size_t bytes);
  void check_open() const;
  void check_file() const;

  std::filesystem::path folder_;
  std::filesystem::path data_file_;
  MapGate gate_;
  EnvironmentHandle handle_;  // null if the map could not be restored after a change
  MapPlace map_place_;

  std::mutex idle_mutex_;
  std::vector<TransactionHandle> idle_;  // reset, and ready to be renewed

  // Of the thread that writes.
  bool syncs_ = true;
  std::size_t pages_at_check_ = 0;
  std::atomic<bool> has_unsynced_{false};
};

}  // namespace bytestore::lmdb_backend
