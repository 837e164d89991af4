#pragma once

#include <dirent.h>
#include <sys/stat.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/file_descriptor.hpp"

namespace bytestore::cli {

/// The identity of a folder, whatever path names it.
struct FolderId {
  dev_t device;
  ino_t inode;
  bool operator==(const FolderId&) const = default;
};

/// Returns the identity of the folder at `path`, or nothing if there is none.
std::optional<FolderId> folder_id(const std::string& path);
/// Returns the identity of the open folder, or nothing if it cannot be examined.
std::optional<FolderId> folder_id(const FileDescriptor& folder);

enum class EntryKind {
  file,             ///< a regular file, or a symbolic link to one
  folder_link,      ///< a symbolic link to a folder, which is not followed
  excluded_folder,  ///< the folder that the walk was told to leave out
  unfinished_file,  ///< a `TemporaryFile` that is being written, or that a killed process left
  unusable,         ///< anything else, and what could not be examined
};

struct TreeEntry {
  EntryKind kind;
  std::string path;     ///< relative to the root of the walk, without a leading slash
  int folder;           ///< the open folder that holds it, until the next step
  std::string name;     ///< its name in that folder
  std::string problem;  ///< why it is `unusable`
};

/// The entries below a folder, in no particular order. Holds one open folder per level and no list
/// of names, so memory does not grow with the tree.
class TreeWalk {
 public:
  /// Starts a walk at the first entry of `root`. \throws FileError
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
