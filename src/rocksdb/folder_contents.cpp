#include "rocksdb/folder_contents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "bytestore/error.hpp"
#include "rocksdb/folder_lock.hpp"
#include "rocksdb/log_search.hpp"
#include "rocksdb/marker.hpp"
#include "rocksdb/open_mark.hpp"
#include "rocksdb/readability.hpp"

namespace bytestore::rocksdb_backend {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCurrent = "CURRENT";
constexpr std::string_view kManifest = "MANIFEST-";

/// CURRENT holds the name of a manifest, whose number has at most 20 digits, and a line feed.
constexpr std::size_t kLongestCurrent = 64;

/// What a file means to RocksDB and LevelDB, by its name.
enum class Role {
  lock,      ///< our own
  current,   ///< names the manifest in force
  manifest,  ///< lists the tables
  log,       ///< the writes that are in no table yet
  table,
  other,  ///< of a database, and without data
  foreign,
};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Role role_of(std::string_view name) {
  if (name == FolderLock::kFile || name == OpenMark::kFile) return Role::lock;
  if (name == kCurrent) return Role::current;
  if (name.starts_with(kManifest)) {
    return is_number(name.substr(kManifest.size())) ? Role::manifest : Role::foreign;
  }
  if (name == "IDENTITY" || name == "LOCK" || name == "LOG" || name.starts_with("LOG.old") ||
      name.starts_with("OPTIONS-")) {
    return Role::other;
  }
  const auto dot = name.find('.');
  if (dot == std::string_view::npos || !is_number(name.substr(0, dot))) return Role::foreign;
  const auto extension = name.substr(dot);
  if (extension == ".log") return Role::log;
  if (extension == ".sst" || extension == ".ldb" || extension == ".blob") return Role::table;
  return extension == ".dbtmp" ? Role::other : Role::foreign;
}

class Folder {
 public:
  explicit Folder(const fs::path& path) : path_(path) {
    std::error_code error;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error)) {
      auto name = entry->path().filename().string();
      // It belongs to a file system whose root is this folder.
      if (name == "lost+found" && entry->is_directory(error)) continue;
      names_.push_back(std::move(name));
    }
    if (error) {
      fail(ErrorCode::io,
           fmt::format("its files cannot be listed ({}); check its permissions", error.message()));
    }
    std::ranges::sort(names_);
  }

  [[nodiscard]] FolderContents contents() const {
    if (std::ranges::all_of(names_, [](auto& name) { return role_of(name) == Role::lock; })) {
      return FolderContents::nothing;
    }
    if (!has(Role::current)) return without_current();
    const auto manifest = current_manifest();
    if (manifest && has_marker(*manifest)) {
      require_readable(path_);
      return FolderContents::bytestore;
    }
    return without_marker(manifest.has_value());
  }

 private:
  [[nodiscard]] bool has(Role role) const {
    return std::ranges::any_of(names_, [&](auto& name) { return role_of(name) == role; });
  }
  [[nodiscard]] bool exists(std::string_view name) const {
    return std::ranges::binary_search(names_, name);
  }
  [[nodiscard]] bool has_data() const {
    return has(Role::table) || std::ranges::any_of(names_, [&](auto& name) {
             std::error_code error;
             return role_of(name) == Role::log && fs::file_size(path_ / name, error) != 0;
           });
  }
  /// Returns whether this is what an interrupted creation left: it has our lock file and no data.
  [[nodiscard]] bool was_being_created() const {
    return has(Role::lock) && !has(Role::foreign) && !has_data();
  }

  [[nodiscard]] FolderContents without_current() const {
    if (has_data() && (has(Role::lock) || !has(Role::foreign))) {
      fail(ErrorCode::corrupt,
           "its file CURRENT is missing, but there are data files; restore the folder from a "
           "copy");
    }
    if (was_being_created()) return FolderContents::nothing;
    refuse_foreign();
  }

  /// Returns the file that CURRENT names, or nothing if that file does not exist.
  [[nodiscard]] std::optional<fs::path> current_manifest() const {
    std::ifstream in(path_ / kCurrent, std::ios::binary);
    if (!in) fail(ErrorCode::io, "its file CURRENT cannot be read; check its permissions");
    std::string line(kLongestCurrent, '\0');
    in.read(line.data(), static_cast<std::streamsize>(line.size()));
    line.resize(static_cast<std::size_t>(in.gcount()));
    if (!line.ends_with('\n')) return std::nullopt;
    line.pop_back();
    if (role_of(line) != Role::manifest || !exists(line)) return std::nullopt;
    return path_ / line;
  }

  [[nodiscard]] bool has_marker(const fs::path& manifest) const {
    if (log_contains(manifest, kMarkerKey)) return true;
    return std::ranges::any_of(names_, [&](auto& name) {
      return role_of(name) == Role::log && log_contains(path_ / name, kMarkerKey);
    });
  }

  [[nodiscard]] FolderContents without_marker(bool has_manifest) const {
    if (!has_manifest) {
      if (!has(Role::lock) && !has(Role::manifest)) refuse_foreign();
      fail(ErrorCode::corrupt,
           "its file CURRENT names no file of the database; restore the folder from a copy");
    }
    if (was_being_created()) return FolderContents::nothing;
    static_cast<void>(
        column_families(path_));  // distinguishes a damaged manifest from a foreign one
    if (has(Role::lock)) {
      refuse_if_newer(path_, "the mark of a bytestore is not found");
      fail(ErrorCode::corrupt,
           "it has the lock file of a bytestore, but its database lacks the mark of one; restore "
           "the "
           "folder from a copy, or choose another");
    }
    const bool is_rocksdb =
        exists("IDENTITY") || std::ranges::any_of(names_, [](std::string_view name) {
          return name.starts_with("OPTIONS-");
        });
    fail(ErrorCode::schema,
         fmt::format("the folder holds a {} database that bytestore did not write; choose another "
                     "folder, which may be empty or not exist yet",
                     is_rocksdb ? "RocksDB" : "LevelDB"));
  }

  [[noreturn]] void refuse_foreign() const {
    const auto first = std::ranges::find_if(
        names_, [](std::string_view name) { return role_of(name) != Role::lock; });
    fail(ErrorCode::schema,
         fmt::format("the folder is neither empty nor a bytestore, it holds {}; choose another "
                     "folder, which may be empty or not exist yet",
                     *first));
  }

  [[noreturn]] void fail(ErrorCode code, std::string_view why) const {
    throw Error(code, fmt::format("opening {} failed: {}", path_.string(), why));
  }

  fs::path path_;
  std::vector<std::string> names_;  // sorted
};

}  // namespace

FolderContents look_into(const fs::path& folder) { return Folder(folder).contents(); }

}  // namespace bytestore::rocksdb_backend
