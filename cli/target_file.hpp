#pragma once

#include <optional>
#include <string>

#include "cli/file_descriptor.hpp"
#include "cli/temporary_file.hpp"

namespace bytestore::cli {

/// The file of `-o FILE`: it is written completely, or stays as it was. A symbolic link stays, and
/// what it leads to is written, also if that does not exist yet. A device or FIFO, which has no
/// content to keep, is written directly, and so is a file that a link of /proc leads to although it
/// has no name any more.
class TargetFile {
 public:
  /// \throws Failure `usage` if nothing can be written there.
  explicit TargetFile(const std::string& path);

  [[nodiscard]] int descriptor() const noexcept;

  /// Returns when the file is on disk under its name. \throws FileError
  void commit();

 private:
  FileDescriptor direct_;
  FileDescriptor folder_;
  std::string name_;
  std::optional<TemporaryFile> temporary_;
};

}  // namespace bytestore::cli
