#pragma once

#include <filesystem>
#include <string_view>

namespace bytestore::rocksdb_backend {

/// Returns whether a record in a file of RocksDB's log format, which manifests also have, contains
/// `bytes`.
///
/// Such a file consists of blocks of 32 KiB. A record that does not fit into one block continues in
/// the next, after a header of 7 bytes. Records are not examined further; damaged ones do no harm.
/// \throws Error `io` if the file cannot be read.
[[nodiscard]] bool log_contains(const std::filesystem::path& file, std::string_view bytes);

}  // namespace bytestore::rocksdb_backend
