#include "rocksdb/readability.hpp"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/table.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>

#include "bytestore/error.hpp"
#include "rocksdb/folder_holder.hpp"
#include "rocksdb/status.hpp"
#include "rocksdb/writer_version.hpp"

namespace bytestore::rocksdb_backend {
namespace {

namespace fs = std::filesystem;

/// A table ends with the number of its format (4 bytes) and this one (8 bytes), both with the least
/// byte first.
constexpr std::uint64_t kTableMagic = 0x88E241B785F4CFF7;
constexpr std::size_t kFormatBytes = 4;
constexpr std::size_t kTailBytes = 12;

[[noreturn]] void refuse_newer(const fs::path& folder, const std::optional<RocksDBVersion>& writer,
                               std::string_view reason) {
  const auto name = writer ? fmt::format("RocksDB {}", to_string(*writer)) : "a newer RocksDB";
  throw Error(ErrorCode::schema,
              fmt::format("opening {} failed: it was written by {}, and this one is {}; open it "
                          "with that version or a newer one ({})",
                          folder.string(), name, to_string(running_version()), reason));
}

std::uint64_t number_in(const std::array<char, kTailBytes>& bytes, std::size_t from,
                        std::size_t to) {
  std::uint64_t number = 0;
  for (auto i = to; i-- > from;) number = number << 8U | static_cast<unsigned char>(bytes.at(i));
  return number;
}

/// Returns the format of a table; nothing if it cannot be read, which RocksDB reports better.
std::optional<std::uint32_t> format_of_table(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  in.seekg(-static_cast<std::streamoff>(kTailBytes), std::ios::end);
  std::array<char, kTailBytes> tail{};
  if (!in.read(tail.data(), kTailBytes)) return std::nullopt;
  if (number_in(tail, kFormatBytes, kTailBytes) != kTableMagic) return std::nullopt;
  return static_cast<std::uint32_t>(number_in(tail, 0, kFormatBytes));
}

/// Returns whether our RocksDB has this format, which is one of those that came after 7.8.
bool knows_format(std::uint32_t format) {
  rocksdb::BlockBasedTableOptions options;
  options.format_version = format;
  const std::unique_ptr<rocksdb::TableFactory> factory(rocksdb::NewBlockBasedTableFactory(options));
  return factory->ValidateOptions({}, {}).ok();
}

/// RocksDB opens only some of the tables with the database; the others would fail their keys later.
void require_known_tables(const fs::path& folder, const std::optional<RocksDBVersion>& writer) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".sst") continue;
    const auto format = format_of_table(entry->path());
    if (!format || knows_format(*format)) continue;
    refuse_newer(folder, writer,
                 fmt::format("{} has format {}", entry->path().filename().string(), *format));
  }
}

}  // namespace

std::vector<std::string> column_families(const fs::path& folder) {
  std::vector<std::string> names;
  check_opening(folder, rocksdb::DB::ListColumnFamilies({}, folder.string(), &names));
  return names;
}

void require_readable(const fs::path& folder) {
  auto families = column_families(folder);
  std::erase(families, rocksdb::kDefaultColumnFamilyName);
  if (!families.empty()) {
    throw Error(ErrorCode::schema,
                fmt::format("opening {} failed: the store has column families that this version of "
                            "bytestore does not know: {}; open it with the program that made them, "
                            "which may be a newer bytestore",
                            folder.string(), fmt::join(families, ", ")));
  }
  const auto writer = writer_version(folder);
  if (!writer || *writer > running_version()) require_known_tables(folder, writer);
}

void refuse_if_newer(const fs::path& folder, std::string_view reason) {
  const auto writer = writer_version(folder);
  if (writer && *writer > running_version()) refuse_newer(folder, writer, reason);
}

void check_opening(const fs::path& folder, const rocksdb::Status& status) {
  const bool unreadable =
      status.IsCorruption() || status.IsNotSupported() || status.IsInvalidArgument();
  if (unreadable) refuse_if_newer(folder, fmt::format("RocksDB: {}", status.ToString()));
  const auto what = fmt::format("opening {}", folder.string());
  if (code_of(status) == ErrorCode::unavailable) {
    throw Error(ErrorCode::unavailable,
                fmt::format("{} failed: {} (RocksDB: {})", what, describe_holder(folder / "LOCK"),
                            status.ToString()));
  }
  check(what, status);
}

}  // namespace bytestore::rocksdb_backend
