#include "rocksdb/open_mark.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "bytestore/error.hpp"
#include "rocksdb/folder_files.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// Stands after the numbers; without it, the list was not written to its end.
constexpr std::string_view kEnd = "end";

/// Returns none if there is no list, or none that is whole.
std::set<std::uint64_t> read_list(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::set<std::uint64_t> numbers;
  for (std::uint64_t number = 0; in >> number;) numbers.insert(number);
  in.clear();
  std::string end;
  if (!(in >> end) || end != kEnd) return {};
  return numbers;
}

}  // namespace

void OpenMark::require_logs(const std::filesystem::path& folder) {
  const auto listed = read_list(folder / kFile);
  const auto found = log_numbers(folder);
  if (listed.empty()) return;
  // Another program has opened the database since then, and moved its logs into tables.
  if (std::ranges::any_of(found, [&](auto number) { return number > *listed.rbegin(); })) return;
  const auto missing = std::ranges::find_if(
      listed, [&](auto number) { return std::ranges::find(found, number) == found.end(); });
  if (missing == listed.end()) return;
  throw Error(ErrorCode::corrupt,
              fmt::format("opening {} failed: the write-ahead log {:06}.log is missing: the store "
                          "was not closed, and what was written last stands there; bring the *.log "
                          "files back, or restore the folder from a copy; to go on without what "
                          "was written last, delete {}",
                          folder.string(), *missing, kFile));
}

OpenMark::~OpenMark() {
  if (file_ >= 0) ::close(file_);
}

void OpenMark::set(const std::filesystem::path& folder) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    path_ = folder / kFile;
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file_ < 0) return;
    for (const auto number : log_numbers(folder)) {
      if (!deleted_.contains(number)) logs_.insert(number);
    }
    write(Durability::until_restart);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it only adds a check
  }
}

void OpenMark::note_made(const std::string& file) noexcept {
  const auto number = log_number(file);
  if (!number) return;
  try {
    const std::lock_guard lock(mutex_);
    if (file_ < 0) return;  // `set` finds it
    logs_.insert(*number);
    write(Durability::until_restart);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it only adds a check
  }
}

void OpenMark::note_deletion(const std::string& file) noexcept {
  const auto number = log_number(file);
  if (!number) return;
  try {
    const std::lock_guard lock(mutex_);
    if (file_ < 0) {
      deleted_.insert(*number);
    } else if (logs_.erase(*number) != 0) {
      write(Durability::on_disk);
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it only adds a check
  }
}

void OpenMark::remove() noexcept {
  const std::lock_guard lock(mutex_);
  if (file_ < 0) return;
  std::error_code error;
  std::filesystem::remove(path_, error);
  ::close(std::exchange(file_, -1));
}

/// Overwrites the file in its place, so that a process may be killed meanwhile, and by its
/// descriptor, since its path may lead into another folder by now.
void OpenMark::write(Durability durability) noexcept {
  const auto text = fmt::format("{}\n{}\n", fmt::join(logs_, "\n"), kEnd);
  const auto size = static_cast<::ssize_t>(text.size());
  const bool is_written = ::pwrite(file_, text.data(), text.size(), 0) == size &&
                          ::ftruncate(file_, size) == 0 &&
                          (durability == Durability::until_restart || ::fdatasync(file_) == 0);
  if (!is_written && ::ftruncate(file_, 0) != 0) {
    std::error_code error;
    std::filesystem::remove(path_, error);
  }
}

}  // namespace bytestore::rocksdb_backend
