#pragma once

#include <string>

#include "core/backend.hpp"
#include "rocksdb/database.hpp"

namespace bytestore::rocksdb_backend {

/// A listing in key order. Between pages it keeps only the last key that it gave, so that it holds
/// up neither a compaction nor the closing of the database.
class RocksDBKeyScan final : public core::KeyScan {
 public:
  /// Goes on after the key `after`, unless that is empty.
  RocksDBKeyScan(Database& database, std::string prefix, std::string after);

  void next_page(const core::Call& call, core::Sink<core::PageResult>& sink) override;

 private:
  core::PageResult read_page();

  Database& database_;
  std::string from_;   // the next page begins at the first key not below it
  std::string until_;  // and the listing ends below it
};

}  // namespace bytestore::rocksdb_backend
