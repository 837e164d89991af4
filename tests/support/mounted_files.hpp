#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "support/temporary_folder.hpp"

namespace bytestore::testing {

/// Files as Kubernetes mounts secrets: each name is a link to a file in a folder, which is a link
/// to the present folder, and that link is replaced. Only the owner can read them.
class MountedFiles {
 public:
  using Contents = std::map<std::string, std::string>;

  explicit MountedFiles(const Contents& contents) {
    replace(contents);
    for (const auto& [name, content] : contents) {
      std::filesystem::create_symlink("..data/" + name, file(name));
    }
  }

  MountedFiles(const MountedFiles&) = delete;
  MountedFiles& operator=(const MountedFiles&) = delete;

  /// From now on the files have these contents, all at once.
  void replace(const Contents& contents) {
    const auto version = "version_" + std::to_string(++versions_);
    std::filesystem::create_directory(folder_.path() / version);
    for (const auto& [name, content] : contents) {
      const auto written = folder_.path() / version / name;
      std::ofstream(written) << content;
      std::filesystem::permissions(written, std::filesystem::perms::owner_read);
    }
    std::filesystem::create_directory_symlink(version, folder_.path() / "..new");
    std::filesystem::rename(folder_.path() / "..new", folder_.path() / "..data");
  }

  [[nodiscard]] std::string file(const std::string& name) const {
    return (folder_.path() / name).string();
  }

 private:
  TemporaryFolder folder_;
  int versions_ = 0;
};

}  // namespace bytestore::testing
