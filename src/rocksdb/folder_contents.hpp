#pragma once

#include <filesystem>

namespace bytestore::rocksdb_backend {

/// What is in a folder that may be opened.
enum class FolderContents {
  nothing,    ///< or nothing that anybody could miss
  bytestore,  ///< a database with our marker
};

/// Looks into a folder, and changes nothing in it: neither a file nor a time. RocksDB itself is not
/// asked, but for the list of column families: opening a database of somebody else changes it, or
/// ends the process, even when it is only to be read.
///
/// Our marker is looked for in the manifest, which names the largest key of each table, and in the
/// logs. So a folder needs no file of ours, which checkpoints and backups would not have.
/// \throws Error `schema` if it is not ours, `corrupt` if it is damaged, `io` if it cannot be read.
[[nodiscard]] FolderContents look_into(const std::filesystem::path& folder);

}  // namespace bytestore::rocksdb_backend
