#pragma once

#include <rocksdb/file_system.h>

#include <memory>

#include "rocksdb/log_state.hpp"
#include "rocksdb/open_mark.hpp"

namespace bytestore::rocksdb_backend {

/// Returns `files` for one database, which tell `mark` of the logs that are made and deleted, and
/// `log_state` of those that are made.
[[nodiscard]] std::shared_ptr<rocksdb::FileSystem> marking_file_system(
    const std::shared_ptr<rocksdb::FileSystem>& files, std::shared_ptr<OpenMark> mark,
    std::shared_ptr<LogState> log_state);

}  // namespace bytestore::rocksdb_backend
