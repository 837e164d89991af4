#include "rocksdb/opening.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "bytestore/error.hpp"
#include "rocksdb/folder_contents.hpp"
#include "rocksdb/folder_files.hpp"
#include "rocksdb/folder_path.hpp"
#include "rocksdb/marker.hpp"
#include "rocksdb/open_mark.hpp"
#include "rocksdb/readability.hpp"
#include "rocksdb/status.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// How often a folder is read again if its holder changes it meanwhile. One reading takes some
/// milliseconds, and a holder that is busy writes a table every few hundred.
constexpr int kReadings = 20;

std::string what_of(const StoreFolder& folder) {
  return fmt::format("opening {}", folder.name.string());
}

/// Returns whether the database has our marker. \throws Error if it has that of another format.
bool has_marker(rocksdb::DB& database, const StoreFolder& folder) {
  std::string marker;
  const auto status = database.Get({}, rocksdb::Slice(kMarkerKey), &marker);
  if (status.IsNotFound()) return false;
  check(what_of(folder), status);
  if (marker == kMarker) return true;
  throw Error(ErrorCode::schema,
              fmt::format("{} failed: the store was written in format {}, by a newer version of "
                          "bytestore; open it with that version",
                          what_of(folder), marker));
}

bool is_empty(rocksdb::DB& database, const StoreFolder& folder) {
  const std::unique_ptr<rocksdb::Iterator> first(database.NewIterator({}));
  first->SeekToFirst();
  check(what_of(folder), first->status());
  return !first->Valid();
}

void mark_if_new(rocksdb::DB& database, const StoreFolder& folder) {
  if (has_marker(database, folder)) return;
  if (!is_empty(database, folder)) {
    throw Error(ErrorCode::schema,
                fmt::format("{} failed: the folder holds a RocksDB database that bytestore did not "
                            "write; choose another folder",
                            what_of(folder)));
  }
  check(what_of(folder), write_marker(database));
}

/// The list of tables that is in force, and its size, which grows before any file of the database
/// is deleted.
using Version = std::pair<std::string, std::uintmax_t>;

Version version_of(const StoreFolder& folder) {
  auto manifest = current_manifest(folder.path);
  std::error_code error;
  const auto size = std::filesystem::file_size(folder.path / manifest, error);
  return {std::move(manifest), error ? 0 : size};
}

std::unique_ptr<rocksdb::DB> read_folder(const StoreFolder& folder,
                                         const rocksdb::Options& options) {
  OpenMark::require_logs(folder.path);
  if (look_into(folder.path) == FolderContents::nothing) refuse_missing(folder.name, false);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  // With a list of column families, RocksDB never opens it as a "fully compacted" database, whose
  // `Get` does not find values that are in blob files.
  check_opening(folder.path,
                rocksdb::DB::OpenForReadOnly(options, folder.path.string(),
                                             {{rocksdb::kDefaultColumnFamilyName, options}},
                                             &handles, &opened));
  std::unique_ptr<rocksdb::DB> database(opened);
  for (auto* const handle : handles) {
    check(what_of(folder), database->DestroyColumnFamilyHandle(handle));
  }
  if (!has_marker(*database, folder)) refuse_missing(folder.name, false);
  return database;
}

}  // namespace

std::unique_ptr<rocksdb::DB> open_to_write(const StoreFolder& folder,
                                           const rocksdb::Options& options) {
  OpenMark::require_logs(folder.path);
  if (look_into(folder.path) == FolderContents::nothing) {
    refuse_missing(folder.name, options.create_if_missing);
  }
  rocksdb::DB* opened = nullptr;
  check_opening(folder.path, rocksdb::DB::Open(options, folder.path.string(), &opened));
  std::unique_ptr<rocksdb::DB> database(opened);
  mark_if_new(*database, folder);
  return database;
}

std::unique_ptr<rocksdb::DB> open_to_read(const StoreFolder& folder, rocksdb::Options options) {
  options.create_if_missing = false;  // RocksDB would make the folder
  // A holder may delete a log after its writes are in a table: a reader that saw the tables before
  // that and the logs after it would lack them. So what was read counts only if nothing changed.
  for (int left = kReadings;; --left) {
    const auto before = version_of(folder);
    try {
      auto database = read_folder(folder, options);
      if (version_of(folder) == before) return database;
    } catch (const Error&) {
      // A log that is in the list may be gone, since it is deleted later than a table replaces it.
      if (left == 1 || (version_of(folder) == before && left < kReadings / 2)) throw;
    }
    if (left > 1) continue;
    throw Error(ErrorCode::unavailable,
                fmt::format("{} failed: the store that holds the folder changes it faster than it "
                            "can be read; try again",
                            what_of(folder)));
  }
}

rocksdb::Status write_marker(rocksdb::DB& database) {
  rocksdb::WriteOptions on_disk;
  on_disk.sync = true;
  return database.Put(on_disk, rocksdb::Slice(kMarkerKey), rocksdb::Slice(kMarker));
}

}  // namespace bytestore::rocksdb_backend
