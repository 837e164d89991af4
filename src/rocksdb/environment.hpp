#pragma once

#include <rocksdb/env.h>

namespace bytestore::rocksdb_backend {

/// How all databases of the process reach their files: as RocksDB does, but for what `KeysOnly`
/// leaves out, and for their locks (`locking_file_system`). It is never destroyed.
[[nodiscard]] rocksdb::Env* environment();

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
