#pragma once

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <filesystem>
#include <memory>

namespace bytestore::rocksdb_backend {

/// The folder of a store: as it is opened, and as the user named it, for messages.
struct StoreFolder {
  std::filesystem::path path;
  std::filesystem::path name;
};

/// Opens the database of a folder that is locked; makes one if there is none and that is allowed.
/// \throws Error as the constructor of `RocksDBByteStore` does.
[[nodiscard]] std::unique_ptr<rocksdb::DB> open_to_write(const StoreFolder& folder,
                                                         const rocksdb::Options& options);

/// Opens the database of a folder that another store may hold, as it is at this moment, and changes
/// nothing in the folder.
/// \throws Error as the constructor of `RocksDBByteStore` does.
[[nodiscard]] std::unique_ptr<rocksdb::DB> open_to_read(const StoreFolder& folder,
                                                        rocksdb::Options options);

/// Writes the entry that marks a database as a bytestore, to disk.
[[nodiscard]] rocksdb::Status write_marker(rocksdb::DB& database);

}  // namespace bytestore::rocksdb_backend
