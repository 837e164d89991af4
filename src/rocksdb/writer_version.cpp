#include "rocksdb/writer_version.hpp"

#include <fmt/format.h>
#include <rocksdb/version.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <string_view>
#include <system_error>

namespace bytestore::rocksdb_backend {
namespace {

constexpr std::string_view kOptions = "OPTIONS-";
constexpr std::string_view kVersionLine = "rocksdb_version=";

/// The version stands in the first section of the file.
constexpr int kLinesWithVersion = 20;

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto parsed = std::from_chars(text.begin(), text.end(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != text.end()) return std::nullopt;
  return number;
}

/// Reads a version like 7.8.3.
std::optional<RocksDBVersion> version_in(std::string_view text) {
  std::array<int, 3> parts{};
  for (auto& part : parts) {
    const auto found = number_in<int>(text.substr(0, text.find('.')));
    if (!found) return std::nullopt;
    part = *found;
    text.remove_prefix(std::min(text.size(), text.find('.') + 1));
  }
  return RocksDBVersion{.major = parts[0], .minor = parts[1], .patch = parts[2]};
}

std::optional<std::filesystem::path> newest_options(const std::filesystem::path& folder) {
  std::optional<std::filesystem::path> newest;
  std::uint64_t greatest = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (!name.starts_with(kOptions)) continue;
    const auto number = number_in<std::uint64_t>(std::string_view(name).substr(kOptions.size()));
    if (!number || *number < greatest) continue;
    greatest = *number;
    newest = entry->path();
  }
  return newest;
}

}  // namespace

std::string to_string(const RocksDBVersion& version) {
  return fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
}

RocksDBVersion running_version() {
  return version_in(rocksdb::GetRocksVersionAsString()).value_or(RocksDBVersion{});
}

std::optional<RocksDBVersion> writer_version(const std::filesystem::path& folder) {
  const auto file = newest_options(folder);
  if (!file) return std::nullopt;
  std::ifstream in(*file);
  std::string line;
  for (int i = 0; i < kLinesWithVersion && std::getline(in, line); ++i) {
    const auto place = line.find(kVersionLine);
    if (place == std::string::npos) continue;
    return version_in(std::string_view(line).substr(place + kVersionLine.size()));
  }
  return std::nullopt;
}

}  // namespace bytestore::rocksdb_backend
