#include "cli/folder_writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/failure.hpp"
#include "cli/output.hpp"
#include "cli/temporary_file.hpp"
#include "cli/text.hpp"

namespace bytestore::cli {
namespace {

constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

/// Returns why `name` could not be opened as a folder (`error`), and says what is there instead.
std::string blocked_by(int folder, const std::string& name, int error) {
  struct stat status{};
  if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    if (S_ISLNK(status.st_mode)) {
      return fmt::format("{} is a symbolic link there, which is not followed", in_quotes(name));
    }
    if (!S_ISDIR(status.st_mode)) {
      return fmt::format("{} is a file there, where a folder is needed", in_quotes(name));
    }
  }
  return std::generic_category().message(error);
}

/// Returns whether `path`, which need not fully exist, is the folder or lies below it.
bool lies_in(const std::string& path, const FolderId& folder) {
  std::error_code error;
  auto level = std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
  if (error) return false;  // then it cannot be created or opened either
  for (; folder_id(level.string()) != folder; level = level.parent_path()) {
    if (!level.has_relative_path()) return false;
  }
  return true;
}

}  // namespace

FolderWriter::FolderWriter(const std::string& path, std::optional<FolderId> excluded)
    : excluded_(excluded) {
  if (excluded && lies_in(path, *excluded)) {
    throw Failure(ExitCode::usage,
                  fmt::format("the folder {} lies in the folder of the store itself; choose one "
                              "outside it",
                              path_in_quotes(path)));
  }
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) root_ = FileDescriptor(::open(path.c_str(), kOpenFolder));
  if (!root_.is_open()) {
    throw Failure(ExitCode::usage,
                  fmt::format("cannot open or create the folder {}: {}", path_in_quotes(path),
                              error ? error.message() : last_error()));
  }
}

void FolderWriter::write(std::string_view path, std::string_view content,
                         const Interrupt& interrupt) {
  const auto slash = path.rfind('/');
  const bool at_root = slash == std::string_view::npos;
  const int folder = at_root ? root_.get() : open_folder(path.substr(0, slash));
  TemporaryFile file(folder);
  Output output(file.descriptor(), interrupt);
  output.write(content);
  output.flush();
  file.commit(std::string(at_root ? path : path.substr(slash + 1)));
}

std::uint64_t FolderWriter::remove_abandoned_files(const Interrupt& interrupt) const {
  std::uint64_t removed = 0;
  TreeWalk walk(root_, excluded_);
  while (const auto entry = walk.next()) {
    if (interrupt.requested()) throw Interrupted();
    if (entry->kind != EntryKind::unfinished_file) continue;
    if (remove_abandoned(entry->folder, entry->name)) ++removed;
  }
  return removed;
}

int FolderWriter::open_folder(std::string_view path) {
  if (last_folder_.is_open() && path == last_path_) return last_folder_.get();
  FileDescriptor folder;
  for (std::string_view rest = path; !rest.empty();) {
    const std::string name(rest.substr(0, rest.find('/')));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    folder = enter_or_create(folder.is_open() ? folder.get() : root_.get(), name);
  }
  last_folder_ = std::move(folder);
  last_path_ = path;
  return last_folder_.get();
}

FileDescriptor FolderWriter::enter_or_create(int folder, const std::string& name) const {
  if (::mkdirat(folder, name.c_str(), 0777) != 0 && errno != EEXIST) throw FileError(last_error());
  FileDescriptor entered(::openat(folder, name.c_str(), kOpenFolder | O_NOFOLLOW));
  if (!entered.is_open()) throw FileError(blocked_by(folder, name, errno));
  if (excluded_ && excluded_ == folder_id(entered)) {
    throw FileError(fmt::format("the folder {} is the store itself", in_quotes(name)));
  }
  return entered;
}

void FolderWriter::sync() {
  if (::syncfs(root_.get()) != 0) throw FileError(last_error());
}

}  // namespace bytestore::cli
