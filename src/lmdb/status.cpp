#include "lmdb/status.hpp"

#include <fmt/format.h>
#include <lmdb.h>

#include <cerrno>
#include <new>

namespace bytestore::lmdb_backend {
namespace {

std::string_view remedy(int status) noexcept {
  switch (code_of(status)) {
    case ErrorCode::corrupt:
      return "stored data is damaged; restore the folder from a copy";
    case ErrorCode::schema:
      return "its file data.mdb is not of a bytestore that this version can read; choose another "
             "folder";
    case ErrorCode::overloaded:
      return "too many threads and processes read the store at once; use fewer";
    default:
      break;
  }
  if (status == MDB_PANIC) {
    return "an earlier write failed in a way that leaves its result open; close all stores of this "
           "process on the folder and open them again";
  }
  return "check the disk, its free space and the permissions of the folder";
}

}  // namespace

ErrorCode code_of(int status) noexcept {
  switch (status) {
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_CURSOR_FULL:
    case MDB_PAGE_FULL:
      return ErrorCode::corrupt;
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
      return ErrorCode::schema;
    case MDB_READERS_FULL:
      return ErrorCode::overloaded;
    default:
      return ErrorCode::io;
  }
}

std::string describe(std::string_view what, int status) {
  return fmt::format("{} failed: {} (LMDB: {})", what, remedy(status), ::mdb_strerror(status));
}

void check(std::string_view what, int status) {
  if (status == MDB_SUCCESS) return;
  if (status == ENOMEM) throw std::bad_alloc();
  throw Error(code_of(status), describe(what, status));
}

}  // namespace bytestore::lmdb_backend
