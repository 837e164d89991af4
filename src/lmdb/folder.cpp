#include "lmdb/folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "bytestore/error.hpp"
#include "lmdb/file_search.hpp"
#include "lmdb/marker.hpp"

namespace bytestore::lmdb_backend {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kData = "data.mdb";
constexpr std::string_view kLock = "lock.mdb";

[[noreturn]] void fail(ErrorCode code, const fs::path& path, std::string_view why) {
  throw Error(code, fmt::format("opening {} failed: {}", path.string(), why));
}

[[noreturn]] void fail(const fs::path& path, const std::error_code& error) {
  fail(ErrorCode::io, path,
       fmt::format("{}; check the path and the permissions of its folders", error.message()));
}

void refuse_missing(const fs::path& path, bool create) {
  if (create) return;
  throw Error(ErrorCode::unavailable,
              fmt::format("there is no store in {}; check the path, or write to it first to "
                          "create it",
                          path.string()));
}

/// The names in a folder, but for those that an empty one may have.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    auto name = entry->path().filename().string();
    // It belongs to a file system whose root is this folder.
    if (name == "lost+found" && entry->is_directory(error)) continue;
    names.push_back(std::move(name));
  }
  if (error) fail(folder, error);
  std::ranges::sort(names);
  return names;
}

void refuse_foreign(const fs::path& folder, const std::vector<std::string>& names) {
  const auto other =
      std::ranges::find_if(names, [](const auto& name) { return name != kData && name != kLock; });
  if (other == names.end()) return;
  if (std::ranges::binary_search(names, "CURRENT")) {
    fail(ErrorCode::schema, folder,
         "the folder holds a database of RocksDB or LevelDB; open a bytestore on RocksDB by "
         "rocksdb:, or choose another folder");
  }
  fail(ErrorCode::schema, folder,
       fmt::format("the folder is neither empty nor a bytestore, it holds {}; choose another "
                   "folder, which may be empty or not exist yet",
                   *other));
}

/// Refuses what is not ours in a folder that exists.
void examine(const fs::path& folder, bool create) {
  const auto names = names_in(folder);
  if (std::ranges::binary_search(names, kData)) {
    switch (search_file(folder / kData, kMarkerKey)) {
      case FileContents::with_key:
        return;
      case FileContents::without_key:
        fail(ErrorCode::schema, folder,
             "the folder holds an LMDB database that bytestore did not write; choose another "
             "folder, which may be empty or not exist yet");
      case FileContents::not_lmdb:
        fail(ErrorCode::schema, folder,
             "its file data.mdb is not one of LMDB, or it is damaged; restore the folder from a "
             "copy, or choose another folder");
      case FileContents::half_made:
        refuse_foreign(folder, names);
        refuse_missing(folder, create);
        return complete_file(folder / kData);
      case FileContents::nothing:
        break;
    }
  }
  refuse_foreign(folder, names);
  refuse_missing(folder, create);
}

}  // namespace

fs::path prepare_folder(const fs::path& path, bool create) {
  if (path.native().find('\0') != std::string::npos) {
    throw Error(ErrorCode::invalid_argument,
                "the path of the store contains a NUL byte, which a file name cannot contain; "
                "leave it out");
  }
  std::error_code error;
  const auto status = fs::status(path, error);
  if (fs::is_directory(status)) {
    examine(path, create);
  } else if (fs::exists(status)) {
    fail(ErrorCode::schema, path, "it is a file, not a folder; choose another path");
  } else if (status.type() != fs::file_type::not_found) {
    fail(path, error);
  } else {
    refuse_missing(path, create);
    fs::create_directories(path, error);
    if (error) fail(path, error);
  }
  auto found = fs::canonical(path, error);
  if (error) fail(path, error);
  return found;
}

}  // namespace bytestore::lmdb_backend
