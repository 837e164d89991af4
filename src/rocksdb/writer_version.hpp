#pragma once

#include <compare>
#include <filesystem>
#include <optional>
#include <string>

namespace bytestore::rocksdb_backend {

/// A version of RocksDB.
struct RocksDBVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;

  friend auto operator<=>(const RocksDBVersion&, const RocksDBVersion&) = default;
};

[[nodiscard]] std::string to_string(const RocksDBVersion& version);

/// Returns the version of the RocksDB that this process uses.
[[nodiscard]] RocksDBVersion running_version();

/// Returns the version of the RocksDB that last opened a database to write to it, as its newest
/// file OPTIONS-NUMBER says; nothing if there is no such file, or if it does not say so.
[[nodiscard]] std::optional<RocksDBVersion> writer_version(const std::filesystem::path& folder);

}  // namespace bytestore::rocksdb_backend
