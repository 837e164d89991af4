#include "rocksdb/folder_lock.hpp"

#include <fmt/format.h>

#include <system_error>

#include "bytestore/error.hpp"
#include "rocksdb/folder_holder.hpp"

namespace bytestore::rocksdb_backend {

FolderLock::FolderLock(const std::filesystem::path& folder) try
    : file_(folder / kFile, LockKind::flock) {
} catch (const std::system_error& error) {
  if (error.code() == std::errc::operation_would_block) {
    throw Error(ErrorCode::unavailable, fmt::format("opening {} failed: {}", folder.string(),
                                                    describe_holder(folder / kFile)));
  }
  throw Error(ErrorCode::io,
              fmt::format("opening {} failed: cannot lock its file {}: {}; check the permissions "
                          "of the folder and the free space of the disk, or open it with "
                          "read_only",
                          folder.string(), kFile, error.code().message()));
}

}  // namespace bytestore::rocksdb_backend
