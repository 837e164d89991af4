#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "measured_run.hpp"
#include "rocksdb/database.hpp"

namespace bench {

/// RocksDB itself with the options of our store, called as its own documentation has it: what the
/// store is made of, without the store.
class RawRocksDB final : public Verbs {
 public:
  explicit RawRocksDB(const std::filesystem::path& folder) : database_(folder, {}) {}
  void close() { database_.close(); }

  void mset(const std::vector<bytestore::EntryRef>& entries) override;
  bool mget(const std::vector<std::string_view>& keys,
            std::optional<std::size_t> value_bytes) override;
  void mdelete(const std::vector<std::string_view>& keys) override;
  std::size_t count(const std::string& prefix) override;

 private:
  bytestore::rocksdb_backend::Database database_;
};

}  // namespace bench
