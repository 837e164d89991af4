#pragma once

#include <filesystem>

namespace bytestore::lmdb_backend {

/// Has the file system set space aside for LMDB's lock file, and makes the file if it is not there.
/// LMDB writes to it through a map, where a full disk would end the process.
///
/// Before this process opens the environment: closing the file gives up its locks on it.
/// \throws Error `io` if there is no space.
void reserve_lock_file(const std::filesystem::path& folder, unsigned max_readers);

}  // namespace bytestore::lmdb_backend
