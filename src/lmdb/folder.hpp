#pragma once

#include <filesystem>

namespace bytestore::lmdb_backend {

/// Makes a folder for a store at `path` if there is none and `create` is set, refuses one that
/// holds anything but a bytestore on LMDB before anything in it changes, and returns its absolute
/// path, which stays valid if the process changes its working folder.
/// \throws Error as the constructor of `LmdbByteStore` does.
[[nodiscard]] std::filesystem::path prepare_folder(const std::filesystem::path& path, bool create);

}  // namespace bytestore::lmdb_backend
