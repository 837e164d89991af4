#pragma once

#include <rocksdb/db.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bytestore/rocksdb_byte_store.hpp"
#include "rocksdb/marker.hpp"
#include "support/folder_test.hpp"

namespace bytestore {

/// A test with a folder of its own, which it may also open or damage past the store.
class RocksDBTest : public FolderTest {
 protected:
  std::unique_ptr<ByteStore> open(const RocksDBOptions& options = {}) const {
    return std::make_unique<RocksDBByteStore>(path(), options);
  }

  /// Opens the folder with RocksDB itself, which must not be open elsewhere.
  [[nodiscard]] std::unique_ptr<rocksdb::DB> open_database(rocksdb::Options options = {}) const {
    rocksdb::DB* opened = nullptr;
    const auto status = rocksdb::DB::Open(options, path().string(), &opened);
    if (!status.ok()) throw std::runtime_error(status.ToString());
    return std::unique_ptr<rocksdb::DB>(opened);
  }

  /// Moves all data from the log into a table file. Without compression, so that the bytes of
  /// values can be found in it.
  void flush_to_table() const {
    rocksdb::Options options;
    options.compression = rocksdb::kNoCompression;
    const auto database = open_database(options);
    const auto status = database->Flush({});
    if (!status.ok()) throw std::runtime_error(status.ToString());
  }

  /// Deletes the marker of a store, so that no file names it any more.
  void lose_marker() const {
    {
      const auto database = open_database();
      ASSERT_TRUE(database->Delete({}, rocksdb_backend::kMarkerKey).ok());
      ASSERT_TRUE(database->Flush({}).ok());
      ASSERT_TRUE(database->CompactRange({}, nullptr, nullptr).ok());
    }
    static_cast<void>(open_database());  // writes the manifest anew
  }

  /// The files of the folder whose names begin and end so, in order.
  [[nodiscard]] std::vector<std::filesystem::path> files(const std::string& begin,
                                                         const std::string& end) const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      const auto name = entry.path().filename().string();
      if (name.starts_with(begin) && name.ends_with(end)) found.push_back(entry.path());
    }
    std::ranges::sort(found);
    return found;
  }

  /// Damages one byte in the middle of the place where `value` is stored, in one of `candidates`;
  /// the store must be closed.
  static void damage(const std::vector<std::filesystem::path>& candidates, const Bytes& value) {
    for (const auto& file : candidates) {
      auto content = read_file(file);
      const auto part = value.view().substr(value.size() / 2, 32);
      const auto place = content.find(part);
      if (place == std::string::npos) continue;
      content[place] = static_cast<char>(content[place] ^ 0x40);
      return write_file(file, content);
    }
    throw std::runtime_error("no file holds the value");
  }
};

}  // namespace bytestore
