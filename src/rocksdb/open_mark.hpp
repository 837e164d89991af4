#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <string_view>

namespace bytestore::rocksdb_backend {

/// A file in the folder of a store that is open, or was not closed: its log is needed.
///
/// A database whose log was deleted opens without an error, and lacks what was in the log: RocksDB
/// (7.8 to 9.10) can note in its manifest only logs that it writes no more. So the file names the
/// log that was in force at the opening; a later one takes its place, so there always is one of at
/// least that number. The file is not synced, since it only adds a check.
class OpenMark {
 public:
  static constexpr std::string_view kFile = "bytestore.open";

  /// Refuses a folder that was not closed and has lost its log.
  /// \throws Error `corrupt`
  static void require_log(const std::filesystem::path& folder);

  /// Marks the folder of an open database. That a file cannot be written is ignored.
  static void set(rocksdb::DB& database) noexcept;

  /// Of a database whose writes are all in tables.
  static void remove(const std::filesystem::path& folder) noexcept;
};

}  // namespace bytestore::rocksdb_backend
