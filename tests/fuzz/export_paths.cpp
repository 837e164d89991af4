// Keys that become files: exactly those with a path below the folder are written, nothing is
// written outside, and a walk over the folder finds the same keys and values.

#include <fcntl.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/failure.hpp"
#include "cli/folder_writer.hpp"
#include "cli/input.hpp"
#include "cli/interrupt.hpp"
#include "cli/key_rules.hpp"
#include "cli/tree_walk.hpp"
#include "fuzz.hpp"

namespace bytestore::fuzz {
namespace {

namespace fs = std::filesystem;

/// Holds the folder of an export and nothing else, and is gone with it.
class Surroundings {
 public:
  Surroundings() {
    auto name = (fs::temp_directory_path() / "bytestore-fuzz-XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr, "there is room for a folder");
    path_ = name;
  }
  ~Surroundings() { fs::remove_all(path_); }
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  [[nodiscard]] std::string folder() const { return (path_ / "export").string(); }
  [[nodiscard]] bool hold_nothing_else() const {
    const fs::directory_iterator entries(path_);
    return std::ranges::all_of(entries, [&](const auto& entry) {
      return entry.path() == folder() && entry.is_directory() && !entry.is_symlink();
    });
  }

 private:
  fs::path path_;
};

bool is_path(const std::string& key) {
  const auto names = split(key, '/');
  return key.find('\0') == std::string::npos && std::ranges::none_of(names, [](const auto& name) {
           return name.empty() || name == "." || name == ".." || name.size() > 255;
         });
}

/// The files that there should be, by their paths.
using Files = std::map<std::string, std::string>;

/// Whether a file is where `path` needs a folder, or a folder where it would be.
bool is_in_the_way(const Files& files, const std::string& path) {
  return std::ranges::any_of(files, [&](const auto& file) {
    return path.starts_with(file.first + '/') || file.first.starts_with(path + '/');
  });
}

/// Reads what an import of the folder would.
Files imported(const std::string& folder) {
  Files files;
  const cli::FileDescriptor root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  cli::TreeWalk walk(root);
  while (const auto entry = walk.next()) {
    require(entry->kind == cli::EntryKind::file, "there are files and folders only");
    files[entry->path] = cli::read_file(entry->folder, entry->name, {});
  }
  return files;
}

}  // namespace

void check(std::string_view input) {
  static const auto& interrupt = *new cli::Interrupt();  // its thread goes on to the end
  const Surroundings surroundings;
  cli::FolderWriter folder(surroundings.folder());
  Files files;
  for (const std::string& key : split(input, '\n')) {
    require(cli::path_problem(key).has_value() == !is_path(key),
            "a key is refused exactly if it is no path");
    if (!is_path(key)) continue;
    const auto value = std::to_string(files.size()) + key;
    try {
      folder.write(key, value, interrupt);
      files[key] = value;
    } catch (const cli::FileError&) {
      require(is_in_the_way(files, key), "a file is written unless something is in its way");
    }
  }
  require(surroundings.hold_nothing_else(), "nothing is written outside the folder");
  require(imported(surroundings.folder()) == files, "the same keys and values come back");
}

}  // namespace bytestore::fuzz
