#include "rocksdb/folder_files.hpp"

#include <charconv>
#include <fstream>
#include <system_error>

namespace bytestore::rocksdb_backend {

std::vector<std::uint64_t> log_numbers(const std::filesystem::path& folder) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".log") continue;
    const auto name = entry->path().stem().string();
    std::uint64_t number = 0;
    const auto [last, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (problem == std::errc() && last == name.data() + name.size()) numbers.push_back(number);
  }
  return numbers;
}

std::string current_manifest(const std::filesystem::path& folder) {
  std::ifstream current(folder / "CURRENT");
  std::string name;
  std::getline(current, name);
  return name;
}

}  // namespace bytestore::rocksdb_backend
