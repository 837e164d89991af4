#include "rocksdb/machine_memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace bytestore::rocksdb_backend {
namespace {

namespace fs = std::filesystem;

/// Returns the number in a file, or `unless_given` if it has none, such as "max".
std::uint64_t number_in(const fs::path& file, std::uint64_t unless_given) {
  std::uint64_t number = 0;
  return std::ifstream(file) >> number ? number : unless_given;
}

/// Returns the least limit of a group and those that it is in. In a container, the path that the
/// system tells of may not exist, and `root` is the group itself.
std::uint64_t least_limit(const fs::path& root, const std::string& group, const std::string& file) {
  auto least = number_in(root / file, UINT64_MAX);
  auto folder = root;
  for (const auto& part : fs::path(group).relative_path()) {
    folder /= part;
    least = std::min(least, number_in(folder / file, UINT64_MAX));
  }
  return least;
}

std::uint64_t memory_of_the_machine() {
  const auto pages = ::sysconf(_SC_PHYS_PAGES);
  const auto page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return 0;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
}

}  // namespace

std::uint64_t usable_memory(const fs::path& own_groups, const fs::path& groups) {
  auto memory = memory_of_the_machine();
  std::ifstream lines(own_groups);
  // Each line is NUMBER:CONTROLLERS:PATH. Version 2 of control groups has no controllers there.
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const auto group = line.substr(second + 1);
    if (controllers.empty()) {
      memory = std::min(memory, least_limit(groups, group, "memory.max"));
    } else if (controllers == "memory") {
      memory = std::min(memory, least_limit(groups / "memory", group, "memory.limit_in_bytes"));
    }
  }
  return memory;
}

}  // namespace bytestore::rocksdb_backend
