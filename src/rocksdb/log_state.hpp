#pragma once

#include <rocksdb/listener.h>

#include <atomic>
#include <string>

namespace bytestore::rocksdb_backend {

/// Whether a database can write to its write-ahead log. Thread safe.
///
/// RocksDB must not be asked to write to a log again that has failed: in a build with assertions,
/// as Debian's is, that ends the process. Its recovery from a full disk begins a new log, but only
/// if there is something in the memtable to write into a table.
class LogState final : public rocksdb::EventListener {
 public:
  enum class State {
    usable,
    failed,   ///< RocksDB tries to recover
    given_up  ///< RocksDB has recovered, but for the log
  };

  [[nodiscard]] State get() const noexcept { return state_.load(); }

  /// Takes note that the database has made a file. Only logs matter: a new one is usable.
  void note_made(const std::string& file) noexcept;

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryCompleted(rocksdb::Status error) override;

 private:
  std::atomic<State> state_{State::usable};
};

}  // namespace bytestore::rocksdb_backend
