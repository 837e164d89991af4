#pragma once

#include <string>

#include "core/backend.hpp"
#include "rocksdb/database.hpp"

namespace bytestore::rocksdb_backend {

/// A listing in key order. Between pages it keeps only the last key that it gave, so that it delays
/// neither a compaction nor the closing of the database.
class RocksDBKeyScan final : public core::KeyScan {
 public:
  /// Starts after the key `after`, unless that is empty.
  RocksDBKeyScan(Database& database, std::string prefix, std::string after);

  void next_page(const core::Call& call, core::Sink<core::PageResult>& sink) override;

 private:
  core::PageResult read_page();

  Database& database_;
  std::string from_;   // the next page begins at the first key that is not below this
  std::string until_;  // the listing ends before this key
};

}  // namespace bytestore::rocksdb_backend
