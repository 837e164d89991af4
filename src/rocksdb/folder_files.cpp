#include "rocksdb/folder_files.hpp"

#include <charconv>
#include <fstream>
#include <system_error>

namespace bytestore::rocksdb_backend {

std::optional<std::uint64_t> log_number(const std::filesystem::path& file) {
  if (file.extension() != ".log") return std::nullopt;
  const auto name = file.stem().string();
  std::uint64_t number = 0;
  const auto [last, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (problem != std::errc() || last != name.data() + name.size()) return std::nullopt;
  return number;
}

std::vector<std::uint64_t> log_numbers(const std::filesystem::path& folder) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (const auto number = log_number(entry->path())) numbers.push_back(*number);
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
