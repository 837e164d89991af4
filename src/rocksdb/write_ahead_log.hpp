#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <memory>
#include <utility>

#include "rocksdb/log_state.hpp"

namespace bytestore::rocksdb_backend {

/// How a database is written: by its write-ahead log, unless that has failed. Thread safe.
class WriteAheadLog {
 public:
  /// `db` must outlive this object, and has `state` among its listeners.
  WriteAheadLog(rocksdb::DB& db, std::shared_ptr<const LogState> state)
      : db_(db), state_(std::move(state)) {}

  /// Writes a batch atomically, and if `sync`, returns when it and all before it are on disk. If it
  /// fails, `was_tried` says whether a part of the batch may be in the log.
  struct Written {
    rocksdb::Status status;
    bool was_tried = true;
  };
  [[nodiscard]] Written write(rocksdb::WriteBatch& batch, bool sync);

  /// Returns when all that was written is on disk.
  [[nodiscard]] rocksdb::Status sync();

 private:
  /// OK if it can be written.
  [[nodiscard]] rocksdb::Status refusal() const;

  rocksdb::DB& db_;
  std::shared_ptr<const LogState> state_;
};

}  // namespace bytestore::rocksdb_backend
