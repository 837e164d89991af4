#include "rocksdb/status.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace bytestore::rocksdb_backend {
namespace {

/// RocksDB has no code for a lock that is held. Its own table of locks reports it by a message, and
/// fcntl by the system's message, which depends on the locale.
bool is_held_by_another(const rocksdb::Status& status) {
  if (!status.IsIOError()) return false;
  const std::string text = status.ToString();
  const auto says = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  return says("lock hold by current process") ||
         (says("While lock file") && (says(std::generic_category().message(EAGAIN)) ||
                                      says(std::generic_category().message(EACCES))));
}

/// RocksDB looks every 5 seconds whether there is room for a table of the size that it writes.
constexpr std::string_view kDiskIsFull =
    "the disk is full; free 64 MiB or more, and a store that is open goes on by itself within "
    "seconds; with read_only, one can be opened and read on a full disk";

constexpr std::string_view kFileIsGone =
    "a file of the store is gone; if another store holds the folder, open this one again, and if "
    "not, restore the folder from a copy";

}  // namespace

ErrorCode code_of(const rocksdb::Status& status) {
  if (is_held_by_another(status)) return ErrorCode::unavailable;
  if (status.IsPathNotFound()) return ErrorCode::corrupt;  // a file of the database
  switch (status.code()) {
    case rocksdb::Status::kCorruption:
      return ErrorCode::corrupt;
    case rocksdb::Status::kInvalidArgument:
    case rocksdb::Status::kNotSupported:
      return ErrorCode::schema;
    case rocksdb::Status::kTimedOut:
      return ErrorCode::timeout;
    case rocksdb::Status::kBusy:
    case rocksdb::Status::kTryAgain:
      return ErrorCode::overloaded;
    case rocksdb::Status::kShutdownInProgress:
      return ErrorCode::cancelled;
    default:
      return ErrorCode::io;
  }
}

std::string_view remedy(ErrorCode code) {
  switch (code) {
    case ErrorCode::unavailable:
      return "another process, or another store of this process, holds the folder; close that "
             "store";
    case ErrorCode::corrupt:
      return "stored data is damaged; restore the folder from a copy";
    case ErrorCode::schema:
      return "the folder holds a database that is not a bytestore; choose another folder";
    case ErrorCode::io:
      return "check the disk, its free space and the permissions of the folder, then open the "
             "store again";
    default:
      return "try again";
  }
}

std::string describe(std::string_view what, const rocksdb::Status& status) {
  const auto what_to_do = status.IsPathNotFound() ? kFileIsGone
                          : status.IsNoSpace()    ? kDiskIsFull
                                                  : remedy(code_of(status));
  return fmt::format("{} failed: {} (RocksDB: {})", what, what_to_do, status.ToString());
}

void check(std::string_view what, const rocksdb::Status& status) {
  if (!status.ok()) throw Error(code_of(status), describe(what, status));
}

}  // namespace bytestore::rocksdb_backend
