#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "cli/file_descriptor.hpp"

namespace bytestore::cli {

/// A file with a temporary name. It gets its real name when it is complete, and is removed
/// otherwise.
///
/// If the process is killed, the file stays: `.bytestore-` and 16 hexadecimal digits. Any file may
/// have such a name, so this one also has the sticky bit until it is complete, which means nothing
/// for a file on Linux, and it is locked (`flock`) as long as its process lives.
class TemporaryFile {
 public:
  /// Creates it in the open folder, which must outlive it. \throws FileError
  explicit TemporaryFile(int folder, mode_t mode = 0666);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] int descriptor() const noexcept { return file_.get(); }

  /// Gives the file these permissions, whatever the umask is. \throws FileError
  void set_permissions(mode_t mode);

  /// Renames the file to `name` in its folder, and replaces a file of that name. \throws FileError
  void commit(const std::string& name);

 private:
  int folder_;
  std::string name_;
  FileDescriptor file_;
  bool committed_ = false;
};

/// Whether a file of the open folder is a `TemporaryFile` that is not complete, of any process. Not
/// through a symbolic link.
bool is_unfinished(int folder, const std::string& name);

/// Removes such a file if the process that wrote it has ended. Returns whether it did; files of
/// others, and those on a file system without locks, stay.
bool remove_abandoned(int folder, const std::string& name);

}  // namespace bytestore::cli
