#pragma once

#include <sys/types.h>

#include <string>

#include "cli/file_descriptor.hpp"

namespace bytestore::cli {

/// A file with a temporary name. It gets its real name when it is complete, and is removed
/// otherwise.
class TemporaryFile {
 public:
  /// Creates it in the open folder, which must outlive it. \throws FileError
  explicit TemporaryFile(int folder, mode_t mode = 0666);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] int descriptor() const noexcept { return file_.get(); }

  /// Renames the file to `name` in its folder, and replaces a file of that name. \throws FileError
  void commit(const std::string& name);

 private:
  int folder_;
  std::string name_;
  FileDescriptor file_;
  bool committed_ = false;
};

}  // namespace bytestore::cli
