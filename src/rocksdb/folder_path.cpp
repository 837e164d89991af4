#include "rocksdb/folder_path.hpp"

#include <fmt/format.h>

#include <system_error>

#include "bytestore/error.hpp"
#include "rocksdb/folder_contents.hpp"
#include "rocksdb/folder_lock.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// Refuses a path with a NUL byte: system calls would take the part before it for the path.
void refuse_nul(const std::filesystem::path& path) {
  if (path.native().find('\0') == std::string::npos) return;
  throw Error(
      ErrorCode::invalid_argument,
      "the path of the store contains a NUL byte, which a file name cannot contain; leave it out");
}

void check_path(const std::filesystem::path& path, const std::error_code& error) {
  if (!error) return;
  throw Error(ErrorCode::io,
              fmt::format("opening {} failed: {}; check the path and the permissions "
                          "of its folders",
                          path.string(), error.message()));
}

/// Refuses another program's folder before our lock file is put into it. A folder that has the lock
/// file is examined after it is locked.
void refuse_foreign(const std::filesystem::path& folder, bool create) {
  const auto has_lock = [&] {
    std::error_code error;
    return std::filesystem::exists(folder / FolderLock::kFile, error);
  };
  if (has_lock()) return;
  try {
    if (look_into(folder) == FolderContents::nothing) refuse_missing(folder, create);
  } catch (const Error&) {
    // Another store may be creating itself there now; it creates its lock file first.
    if (!has_lock()) throw;
  }
}

/// Returns whether there is a folder. \throws Error if there is something else, or one cannot tell.
bool is_folder(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::is_directory(status)) return true;
  if (std::filesystem::exists(status)) {
    throw Error(ErrorCode::schema,
                fmt::format("opening {} failed: it is a file, not a folder; choose another path",
                            path.string()));
  }
  if (status.type() != std::filesystem::file_type::not_found) check_path(path, error);
  return false;
}

/// Creates the folder if it does not exist; does not change what exists.
void create_folder(const std::filesystem::path& path, bool create) {
  if (is_folder(path)) return refuse_foreign(path, create);
  refuse_missing(path, create);
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    throw Error(ErrorCode::io,
                fmt::format("cannot create the folder {}: {}", path.string(), error.message()));
  }
}

/// Returns the absolute path, which stays valid if the process changes its working folder.
std::filesystem::path lasting_path(const std::filesystem::path& path) {
  std::error_code error;
  auto found = std::filesystem::canonical(path, error);
  check_path(path, error);
  return found;
}

}  // namespace

void refuse_missing(const std::filesystem::path& path, bool create) {
  if (create) return;
  throw Error(ErrorCode::unavailable,
              fmt::format("there is no store in {}; check the path, or write to it first to "
                          "create it",
                          path.string()));
}

std::filesystem::path prepare_folder(const std::filesystem::path& path, bool create) {
  refuse_nul(path);
  create_folder(path, create);
  return lasting_path(path);
}

std::filesystem::path existing_folder(const std::filesystem::path& path) {
  refuse_nul(path);
  if (!is_folder(path)) refuse_missing(path, false);
  return lasting_path(path);
}

}  // namespace bytestore::rocksdb_backend
