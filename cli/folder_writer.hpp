#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/file_descriptor.hpp"
#include "cli/interrupt.hpp"
#include "cli/tree_walk.hpp"

namespace bytestore::cli {

/// Writes files below a folder, and nowhere else: no symbolic link below it is passed through.
class FolderWriter {
 public:
  /// Writes below the folder at `path`, which is created if it does not exist, but not in
  /// `excluded`.
  /// \throws Failure `usage` if that fails, or if `path` is `excluded` or lies in it.
  explicit FolderWriter(const std::string& path, std::optional<FolderId> excluded = {});

  /// Removes the files below the folder that processes left unfinished when they were killed.
  /// Returns how many. \throws FileError, Interrupted
  [[nodiscard]] std::uint64_t remove_abandoned_files(const Interrupt& interrupt) const;

  /// Writes one file completely or not at all, and replaces a file of that name. It creates the
  /// folders that the file needs. `path` must have no `path_problem`.
  /// \throws FileError, Interrupted
  void write(std::string_view path, std::string_view content, const Interrupt& interrupt);

  /// Returns when everything that was written is on disk. \throws FileError
  void sync();

 private:
  int open_folder(std::string_view path);
  [[nodiscard]] FileDescriptor enter_or_create(int folder, const std::string& name) const;

  std::optional<FolderId> excluded_;
  FileDescriptor root_;
  // The folder of the last file; consecutive keys mostly have the same folder.
  FileDescriptor last_folder_;
  std::string last_path_;
};

}  // namespace bytestore::cli
