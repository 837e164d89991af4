#pragma once

#include <filesystem>
#include <string_view>

namespace bytestore::rocksdb_backend {

/// Whether a record in a file of RocksDB's log format, which manifests have too, holds `bytes`.
///
/// Such a file is made of blocks of 32 KiB, and a record that does not fit into one goes on in the
/// next, behind a header of 7 bytes. Records are not looked at otherwise; damaged ones do no harm.
/// \throws Error `io` if the file cannot be read.
[[nodiscard]] bool log_contains(const std::filesystem::path& file, std::string_view bytes);

}  // namespace bytestore::rocksdb_backend
