#include "cli/target_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "cli/failure.hpp"
#include "cli/text.hpp"

namespace bytestore::cli {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Failure(ExitCode::usage, fmt::format("cannot write {}: {}", in_quotes(path), why));
}

}  // namespace

TargetFile::TargetFile(const std::string& path) {
  struct stat present{};
  const bool exists = ::stat(path.c_str(), &present) == 0;
  if (exists && S_ISDIR(present.st_mode)) refuse(path, "it is a folder");
  if (exists && !S_ISREG(present.st_mode)) {
    direct_ = FileDescriptor(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
    if (!direct_.is_open()) refuse(path, last_error());
    return;
  }

  // The target of a symbolic link, so that the link stays.
  std::error_code unresolved;
  const auto resolved = std::filesystem::weakly_canonical(path, unresolved);
  const std::filesystem::path target = unresolved ? std::filesystem::path(path) : resolved;
  name_ = target.filename().string();
  if (name_.empty()) refuse(path, "it names a folder");
  const auto parent = target.has_parent_path() ? target.parent_path() : ".";
  folder_ = FileDescriptor(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_.is_open()) refuse(path, last_error());
  try {
    temporary_.emplace(folder_.get());
  } catch (const FileError& error) {
    refuse(path, error.what());
  }
  if (exists && ::fchmod(temporary_->descriptor(), present.st_mode & 07777) != 0) {
    refuse(path, last_error());
  }
}

int TargetFile::descriptor() const noexcept {
  return temporary_ ? temporary_->descriptor() : direct_.get();
}

void TargetFile::commit() {
  if (!temporary_) return;
  if (::fsync(temporary_->descriptor()) != 0) throw FileError(last_error());
  temporary_->commit(name_);
  if (::fsync(folder_.get()) != 0) throw FileError(last_error());
}

}  // namespace bytestore::cli
