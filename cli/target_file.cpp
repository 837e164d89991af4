#include "cli/target_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "bytestore/open.hpp"
#include "cli/failure.hpp"
#include "cli/text.hpp"

namespace bytestore::cli {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Failure(ExitCode::usage, fmt::format("cannot write {}: {}", path_in_quotes(path), why));
}

/// Returns how a message names the folder that `path` leads to. A part of a password may not look
/// like one by itself.
std::string folder_text(const std::string& path, const std::string& folder) {
  return redacted(path) == path ? "the folder " + path_in_quotes(folder) : "its folder";
}

/// As many links as Linux follows.
constexpr int kMostLinks = 40;

/// Follows the symbolic links that the last name of a path is, also if they lead to nothing yet.
std::filesystem::path linked_target(std::filesystem::path path) {
  for (int links = 0; links < kMostLinks; ++links) {
    std::error_code no_link;
    const auto target = std::filesystem::read_symlink(path, no_link);
    if (no_link) break;
    path = path.parent_path() / target;
  }
  return path;
}

/// Whether an entry of an open folder is this file.
bool is_file(int folder, const std::string& name, const struct stat& file) {
  struct stat named{};
  return ::fstatat(folder, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         named.st_dev == file.st_dev && named.st_ino == file.st_ino;
}

FileDescriptor open_directly(const std::string& path, int flags) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC | flags));
  if (!file.is_open()) refuse(path, last_error());
  return file;
}

}  // namespace

TargetFile::TargetFile(const std::string& path) {
  struct stat present{};
  const bool exists = ::stat(path.c_str(), &present) == 0;
  // A loop of links, a file where a folder is needed, a link of a stranger in a shared folder.
  if (!exists && errno != ENOENT) refuse(path, last_error());
  if (exists && S_ISDIR(present.st_mode)) refuse(path, "it is a folder");
  if (exists && !S_ISREG(present.st_mode)) {
    direct_ = open_directly(path, 0);
    return;
  }

  const auto target = linked_target(path);  // so that a link stays
  name_ = target.filename().string();
  if (name_.empty()) refuse(path, "it names a folder");
  const auto parent = target.has_parent_path() ? target.parent_path() : ".";
  folder_ = FileDescriptor(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_.is_open()) {
    const auto why = last_error();
    refuse(path, fmt::format("cannot open {}: {}", folder_text(path, parent.string()), why));
  }
  if (exists && !is_file(folder_.get(), name_, present)) {
    direct_ = open_directly(path, O_TRUNC);
    return;
  }
  try {
    temporary_.emplace(folder_.get());
    if (exists) temporary_->set_permissions(present.st_mode);
  } catch (const FileError& error) {
    refuse(path, error.what());
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
