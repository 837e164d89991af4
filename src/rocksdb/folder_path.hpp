#pragma once

#include <filesystem>

namespace bytestore::rocksdb_backend {

/// Makes a folder for a store at `path` if there is none and `create` is set, refuses another
/// program's before anything in it changes, and returns its absolute path, which stays valid if the
/// process changes its working folder.
/// \throws Error
[[nodiscard]] std::filesystem::path prepare_folder(const std::filesystem::path& path, bool create);

/// Returns the absolute path of a folder that is there, for a store that only reads.
/// \throws Error `unavailable` if there is none.
[[nodiscard]] std::filesystem::path existing_folder(const std::filesystem::path& path);

/// Refuses a folder without a store, unless one may be made. \throws Error `unavailable`.
void refuse_missing(const std::filesystem::path& path, bool create);

}  // namespace bytestore::rocksdb_backend
