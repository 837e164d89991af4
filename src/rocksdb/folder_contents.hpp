#pragma once

#include <filesystem>

namespace bytestore::rocksdb_backend {

/// What a folder that may be opened contains.
enum class FolderContents {
  nothing,    ///< no files, or none that matter
  bytestore,  ///< a database with our marker
};

/// Examines a folder, and changes nothing in it: neither a file nor a time. It uses RocksDB only
/// for the list of column families, since opening another program's database changes it or ends the
/// process, even in read-only mode.
///
/// It searches for our marker in the manifest, which names the largest key of each table, and in
/// the logs. So the folder needs no marker file, which checkpoints and backups would lack.
/// \throws Error `schema` if the folder is not ours, `corrupt` if it is damaged, `io` if it cannot
/// be read.
[[nodiscard]] FolderContents look_into(const std::filesystem::path& folder);

}  // namespace bytestore::rocksdb_backend
