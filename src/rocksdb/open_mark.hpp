#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace bytestore::rocksdb_backend {

/// A file in the folder of a store that is open, or was not closed. It lists the logs of the
/// database, which are needed.
///
/// A database whose log was deleted opens without an error, and lacks what was in the log: RocksDB
/// (7.8 to 9.10) can note in its manifest only logs that it writes no more. Thread safe.
class OpenMark {
 public:
  static constexpr std::string_view kFile = "bytestore.open";

  /// Refuses a folder that was not closed and has lost a log.
  /// \throws Error `corrupt`
  static void require_logs(const std::filesystem::path& folder);

  OpenMark() = default;
  ~OpenMark();
  OpenMark(const OpenMark&) = delete;
  OpenMark& operator=(const OpenMark&) = delete;

  /// Marks the folder of a database that is open now. If the file cannot be written, now or later,
  /// the folder is not marked.
  void set(const std::filesystem::path& folder) noexcept;

  /// Takes note that the database has made a file. Only logs matter.
  void note_made(const std::string& file) noexcept;

  /// Takes note that the database is about to delete a file: after a loss of power, the list must
  /// not have a log that is gone.
  void note_deletion(const std::string& file) noexcept;

  /// Of a database whose writes are all in tables.
  void remove() noexcept;

 private:
  enum class Durability : bool { until_restart, on_disk };
  void write(Durability durability) noexcept;

  std::mutex mutex_;
  std::filesystem::path path_;
  int file_ = -1;
  std::set<std::uint64_t> logs_;
  std::set<std::uint64_t> deleted_;  // before the folder was marked
};

}  // namespace bytestore::rocksdb_backend
