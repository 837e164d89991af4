#pragma once

#include <dirent.h>
#include <sys/stat.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/file_descriptor.hpp"

namespace bytestore::cli {

/// Which folder it is, by whatever path it was reached.
struct FolderId {
  dev_t device;
  ino_t inode;
  bool operator==(const FolderId&) const = default;
};

/// The folder at `path`; nothing if there is none.
std::optional<FolderId> folder_id(const std::string& path);
/// The open folder; nothing if it cannot be looked at.
std::optional<FolderId> folder_id(const FileDescriptor& folder);

enum class EntryKind {
  file,             ///< a regular file, or a symbolic link to one
  folder_link,      ///< a symbolic link to a folder, which is not followed
  excluded_folder,  ///< the folder that the walk was told to leave out
  unusable,         ///< anything else, and what could not be looked at
};

struct TreeEntry {
  EntryKind kind;
  std::string path;     ///< from the root of the walk on, without a slash before it
  int folder;           ///< the open folder that holds it, until the next step
  std::string name;     ///< its name there
  std::string problem;  ///< why it is `unusable`
};

/// The entries below a folder, in no particular order. Holds one open folder per level and no list
/// of names, so memory does not grow with the tree.
class TreeWalk {
 public:
  /// Walks `root` from its first entry on. \throws FileError
  explicit TreeWalk(const FileDescriptor& root, std::optional<FolderId> excluded = {});

  std::optional<TreeEntry> next();

 private:
  struct CloseFolder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
  };
  using Folder = std::unique_ptr<DIR, CloseFolder>;
  struct Level {
    Folder folder;
    std::size_t path_size;  // of `path_` without this level's name
  };

  std::optional<TreeEntry> look_at(const dirent& found);
  std::optional<TreeEntry> enter(const std::string& name);
  [[nodiscard]] TreeEntry entry(EntryKind kind, const std::string& name,
                                std::string problem = {}) const;

  std::optional<FolderId> excluded_;
  std::vector<Level> levels_;
  std::string path_;  // of the innermost level, with a slash at its end; empty at the root
};

}  // namespace bytestore::cli
