#pragma once

#include <rocksdb/perf_level.h>

namespace bytestore::rocksdb_backend {

/// While the object lives, RocksDB does not count what it does on this thread for its
/// `perf_context`: counting the comparisons of keys takes as long as the comparisons.
class Uncounted {
 public:
  Uncounted() noexcept { rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable); }
  ~Uncounted() { rocksdb::SetPerfLevel(before_); }
  Uncounted(const Uncounted&) = delete;
  Uncounted& operator=(const Uncounted&) = delete;

 private:
  rocksdb::PerfLevel before_ = rocksdb::GetPerfLevel();
};

}  // namespace bytestore::rocksdb_backend
