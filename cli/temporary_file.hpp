#pragma once

#include <sys/types.h>

#include <string>

#include "cli/file_descriptor.hpp"

namespace bytestore::cli {

/// A file under a temporary name, which takes its real name when it is complete, and is removed
/// otherwise.
class TemporaryFile {
 public:
  /// Creates it in the open folder, which must outlive it. \throws FileError
  explicit TemporaryFile(int folder, mode_t mode = 0666);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] int descriptor() const noexcept { return file_.get(); }

  /// Gives it the name `name` in its folder, in place of a file that has it. \throws FileError
  void commit(const std::string& name);

 private:
  int folder_;
  std::string name_;
  FileDescriptor file_;
  bool committed_ = false;
};

}  // namespace bytestore::cli
