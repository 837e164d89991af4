#pragma once

#include <rocksdb/status.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bytestore::rocksdb_backend {

/// Returns the names of a database's column families, and changes nothing in its folder.
/// \throws Error as `check_opening` does.
[[nodiscard]] std::vector<std::string> column_families(const std::filesystem::path& folder);

/// Refuses a store that the RocksDB of this process cannot read, although nothing of it is damaged:
/// it has tables in a newer format, or column families that we do not know. Changes nothing in its
/// folder.
/// \throws Error `schema`; as `check_opening` does.
void require_readable(const std::filesystem::path& folder);

/// Refuses a database that a newer RocksDB has written, since this one cannot read it, as `reason`
/// says. \throws Error `schema`.
void refuse_if_newer(const std::filesystem::path& folder, std::string_view reason);

/// Checks the outcome of opening a database or of reading its manifest. What a newer RocksDB wrote
/// looks damaged to an older one; it is not called so.
/// \throws Error `schema` if a newer RocksDB wrote what cannot be read; as `check` does.
void check_opening(const std::filesystem::path& folder, const rocksdb::Status& status);

}  // namespace bytestore::rocksdb_backend
