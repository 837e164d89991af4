#include "rocksdb/folder_holder.hpp"

#include <fmt/format.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

namespace bytestore::rocksdb_backend {
namespace {

/// More than any process has, should their numbers be used again while they are read.
constexpr int kMaxAncestors = 100;

/// Returns the content of a file of `/proc`; empty if it cannot be read.
std::string read_of_process(pid_t process, std::string_view name) {
  std::ifstream file(fmt::format("/proc/{}/{}", process, name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Returns 0 if there is none, or it cannot be told.
pid_t parent_of(pid_t process) {
  const auto stat = read_of_process(process, "stat");
  const auto name_end = stat.rfind(')');  // the name may contain anything
  if (name_end == std::string::npos) return 0;
  std::istringstream rest(stat.substr(name_end + 1));
  std::string state;
  pid_t parent = 0;
  rest >> state >> parent;
  return parent;
}

bool descends_from(pid_t process, pid_t ancestor) {
  for (int left = kMaxAncestors; process > 0 && left > 0; --left) {
    process = parent_of(process);
    if (process == ancestor) return true;
  }
  return false;
}

/// Whether that is this program once more, as far as can be told.
bool is_same_program(pid_t holder) {
  const auto self = ::getpid();
  if (holder == self || descends_from(self, holder) || descends_from(holder, self)) return true;
  const auto command = read_of_process(holder, "cmdline");
  return !command.empty() && command == read_of_process(self, "cmdline");
}

std::optional<pid_t> holder_of(const std::filesystem::path& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return std::nullopt;
  std::ifstream locks("/proc/locks");
  return holder_in(locks, found);
}

std::string name_of(std::optional<pid_t> holder) {
  if (!holder) return "another process, or another store of this process,";
  if (*holder == ::getpid()) return "another store of this process";
  return fmt::format("process {}", *holder);
}

}  // namespace

std::optional<pid_t> holder_in(std::istream& locks, const struct stat& file) {
  const auto place = fmt::format("{:02x}:{:02x}:{}", major(file.st_dev), minor(file.st_dev),
                                 static_cast<unsigned long long>(file.st_ino));
  for (std::string line; std::getline(locks, line);) {
    // Of a lock that is waited for, there is an arrow before the kind, so that nothing fits.
    std::istringstream words(line);
    std::string number;
    std::string kind;
    std::string strictness;
    std::string access;
    std::string locked;
    pid_t process = 0;
    words >> number >> kind >> strictness >> access >> process >> locked;
    if (words && locked == place && process > 0) return process;
  }
  return std::nullopt;
}

std::string describe_holder(const std::filesystem::path& locked_file) {
  const auto holder = holder_of(locked_file);
  const std::string_view twice =
      holder && is_same_program(*holder)
          ? "; a development reloader (Flask's debug mode, uvicorn with reload), a second "
            "Streamlit "
            "session, a forkserver or a second worker of a server imports a program again, and so "
            "opens its stores again"
          : "";
  return fmt::format(
      "{} holds the folder; close that store{}; a store in lmdb:PATH (LmdbByteStore) is for "
      "folders that processes share",
      name_of(holder), twice);
}

}  // namespace bytestore::rocksdb_backend
