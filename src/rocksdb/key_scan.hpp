#pragma once

#include <rocksdb/iterator.h>
#include <rocksdb/options.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/backend.hpp"
#include "rocksdb/database.hpp"

namespace bytestore::rocksdb_backend {

/// A listing in key order. Between pages it keeps only the last key that it gave, so that it delays
/// neither a compaction nor the closing of the database.
///
/// What one page reads is bounded: by its keys, which are few at first, by the bytes of keys and
/// values that it comes past, and by how many deleted keys it skips. Large values are not read.
class RocksDBKeyScan final : public core::KeyScan {
 public:
  /// Starts after the key `after`, unless that is empty.
  RocksDBKeyScan(Database& database, std::string prefix, std::string after);

  void next_page(const core::Call& call, core::Sink<core::PageResult>& sink) override;

 private:
  [[nodiscard]] core::PageResult read_page();
  void read_keys(rocksdb::Iterator& keys, core::PageResult& page);
  void end_deleted_run(std::string last);
  [[nodiscard]] rocksdb::ReadOptions read_options() const;

  Database& database_;
  std::string from_;  // the next page begins at the first key that is not below this
  std::optional<std::string> until_;  // the listing ends before this key
  std::size_t page_keys_;
  std::optional<std::string> deleted_from_;  // since then only deleted keys were met
};

}  // namespace bytestore::rocksdb_backend
