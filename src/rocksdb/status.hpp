#pragma once

#include <rocksdb/status.h>

#include <string_view>

#include "bytestore/error.hpp"

namespace bytestore::rocksdb_backend {

/// Returns the error code for a status that is not ok.
[[nodiscard]] ErrorCode code_of(const rocksdb::Status& status);

/// Returns what to do about an error with this code of a store on RocksDB: a clause of a message.
[[nodiscard]] std::string_view remedy(ErrorCode code);

/// Returns a message: what was tried, what the database said, and what to do.
[[nodiscard]] std::string describe(std::string_view what, const rocksdb::Status& status);

/// \throws Error unless `status` is ok; `what` says what was tried.
void check(std::string_view what, const rocksdb::Status& status);

}  // namespace bytestore::rocksdb_backend
