#pragma once

#include <rocksdb/env.h>

#include <memory>

#include "rocksdb/log_state.hpp"
#include "rocksdb/open_mark.hpp"

namespace bytestore::rocksdb_backend {

/// Returns how one database reaches its files: as RocksDB does, but for what `KeysOnly` leaves out,
/// for its lock (`locking_file_system`), for a folder that was replaced (`guarding_file_system`),
/// and in that `mark` and `log_state` learn of its logs. It outlives the database.
[[nodiscard]] std::unique_ptr<rocksdb::Env> make_environment(std::shared_ptr<OpenMark> mark,
                                                             std::shared_ptr<LogState> log_state);

/// While one is there, its thread reads no large values: RocksDB 7.8 would read that of every key
/// that an iterator comes to. The files that hold them are neither opened nor read then, and the
/// iterator stops with an error at the key.
///
/// There is at most one for each thread at a time.
class KeysOnly {
 public:
  KeysOnly() noexcept;
  ~KeysOnly();
  KeysOnly(const KeysOnly&) = delete;
  KeysOnly& operator=(const KeysOnly&) = delete;

  /// Returns whether a value was left out since this was asked last.
  [[nodiscard]] static bool has_left_out() noexcept;
};

}  // namespace bytestore::rocksdb_backend
