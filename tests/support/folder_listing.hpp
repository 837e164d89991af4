#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>

namespace bytestore {

/// What can be seen of a file or folder without changing it: mode, time of the last change in
/// nanoseconds, and content.
using FileState = std::tuple<mode_t, std::int64_t, std::string>;

inline FileState state_of(const std::filesystem::path& path) {
  struct stat seen{};
  if (::lstat(path.c_str(), &seen) != 0)
    throw std::runtime_error("cannot look at " + path.string());
  std::string content;
  if (S_ISREG(seen.st_mode)) {
    std::ifstream in(path, std::ios::binary);
    content.assign(std::istreambuf_iterator<char>(in), {});
  }
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return {seen.st_mode, seen.st_mtim.tv_sec * kNanoseconds + seen.st_mtim.tv_nsec, content};
}

/// Everything in a folder, and the folder itself, by path.
inline std::map<std::string, FileState> listing(const std::filesystem::path& folder) {
  std::map<std::string, FileState> found{{"", state_of(folder)}};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    found.emplace(std::filesystem::relative(entry.path(), folder).string(), state_of(entry.path()));
  }
  return found;
}

}  // namespace bytestore
