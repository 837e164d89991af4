#include "cli/tree_walk.hpp"

#include <fcntl.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "cli/failure.hpp"
#include "cli/temporary_file.hpp"

namespace bytestore::cli {
namespace {

constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// Returns the type bits of an entry itself, not of a link's target; 0 with `errno` on failure.
mode_t type_of(int folder, const dirent& found) {
  if (found.d_type != DT_UNKNOWN) return static_cast<mode_t>(DTTOIF(found.d_type));
  struct stat status{};
  if (::fstatat(folder, found.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return 0;
  return status.st_mode & S_IFMT;
}

std::string_view describe_type(mode_t type) {
  if (S_ISFIFO(type)) return "it is a FIFO";
  if (S_ISSOCK(type)) return "it is a socket";
  return "it is a device";
}

}  // namespace

std::optional<FolderId> folder_id(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return std::nullopt;
  return FolderId{.device = status.st_dev, .inode = status.st_ino};
}

std::optional<FolderId> folder_id(const FileDescriptor& folder) {
  struct stat status{};
  if (::fstat(folder.get(), &status) != 0) return std::nullopt;
  return FolderId{.device = status.st_dev, .inode = status.st_ino};
}

TreeWalk::TreeWalk(const FileDescriptor& root, std::optional<FolderId> excluded)
    : excluded_(excluded) {
  FileDescriptor own(::openat(root.get(), ".", kOpenFolder));
  Folder folder(own.is_open() ? ::fdopendir(own.get()) : nullptr);
  if (!folder) throw FileError(last_error());
  static_cast<void>(own.release());
  levels_.push_back({.folder = std::move(folder), .path_size = 0});
}

std::optional<TreeEntry> TreeWalk::next() {
  while (!levels_.empty()) {
    errno = 0;
    // No other thread reads this folder.
    const dirent* found = ::readdir(levels_.back().folder.get());  // NOLINT(concurrency-mt-unsafe)
    if (found != nullptr) {
      if (auto entry = look_at(*found)) return entry;
      continue;
    }
    std::optional<TreeEntry> failure;
    if (errno != 0) failure = entry(EntryKind::unusable, "", last_error());
    path_.resize(levels_.back().path_size);
    levels_.pop_back();
    if (failure) return failure;
  }
  return std::nullopt;
}

std::optional<TreeEntry> TreeWalk::look_at(const dirent& found) {
  const std::string name = found.d_name;
  if (name == "." || name == "..") return std::nullopt;
  const int folder = ::dirfd(levels_.back().folder.get());
  auto type = type_of(folder, found);
  if (S_ISDIR(type)) return enter(name);
  if (S_ISLNK(type)) {
    struct stat target{};
    if (::fstatat(folder, name.c_str(), &target, 0) != 0) {
      return entry(EntryKind::unusable, name,
                   errno == ENOENT ? "it is a broken symbolic link" : last_error());
    }
    if (S_ISDIR(target.st_mode)) return entry(EntryKind::folder_link, name);
    type = target.st_mode & S_IFMT;
  }
  if (S_ISREG(type)) {
    return entry(is_unfinished(folder, name) ? EntryKind::unfinished_file : EntryKind::file, name);
  }
  return entry(EntryKind::unusable, name,
               type == 0 ? last_error() : std::string(describe_type(type)));
}

std::optional<TreeEntry> TreeWalk::enter(const std::string& name) {
  FileDescriptor opened(::openat(::dirfd(levels_.back().folder.get()), name.c_str(), kOpenFolder));
  if (!opened.is_open()) return entry(EntryKind::unusable, name, last_error());
  if (excluded_ && excluded_ == folder_id(opened)) {
    return entry(EntryKind::excluded_folder, name);
  }
  Folder folder(::fdopendir(opened.get()));
  if (!folder) return entry(EntryKind::unusable, name, last_error());
  static_cast<void>(opened.release());
  levels_.push_back({.folder = std::move(folder), .path_size = path_.size()});
  path_ += name;
  path_ += '/';
  return std::nullopt;
}

TreeEntry TreeWalk::entry(EntryKind kind, const std::string& name, std::string problem) const {
  return {.kind = kind,
          .path = path_ + name,
          .folder = ::dirfd(levels_.back().folder.get()),
          .name = name,
          .problem = std::move(problem)};
}

}  // namespace bytestore::cli
