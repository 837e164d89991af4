#include "rocksdb/open_mark.hpp"

#include <fmt/format.h>
#include <rocksdb/transaction_log.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>

#include "bytestore/error.hpp"
#include "rocksdb/folder_files.hpp"

namespace bytestore::rocksdb_backend {

void OpenMark::require_log(const std::filesystem::path& folder) {
  std::ifstream mark(folder / kFile);
  std::uint64_t log = 0;
  if (!(mark >> log)) return;
  if (std::ranges::any_of(log_numbers(folder), [&](auto number) { return number >= log; })) return;
  throw Error(
      ErrorCode::corrupt,
      fmt::format("opening {} failed: its write-ahead log is missing: the store was not closed, "
                  "and what was written last stands in {:06}.log or a later file, which is not "
                  "there; bring the *.log files back, or restore the folder from a copy; to go on "
                  "without what was written last, delete {}",
                  folder.string(), log, kFile));
}

void OpenMark::set(rocksdb::DB& database) noexcept {
  std::unique_ptr<rocksdb::LogFile> log;
  if (!database.GetCurrentWalFile(&log).ok()) return;
  const std::filesystem::path folder(database.GetName());
  std::ofstream(folder / kFile, std::ios::trunc) << log->LogNumber() << '\n';
}

void OpenMark::remove(const std::filesystem::path& folder) noexcept {
  std::error_code error;
  std::filesystem::remove(folder / kFile, error);
}

}  // namespace bytestore::rocksdb_backend
