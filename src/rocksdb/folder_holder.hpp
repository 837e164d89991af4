#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <filesystem>
#include <istream>
#include <optional>
#include <string>

namespace bytestore::rocksdb_backend {

/// Returns the process that holds a lock of a file, of what Linux says in `/proc/locks`; nothing if
/// it is not told there, as of a process that this one cannot see, or that shares its lock.
[[nodiscard]] std::optional<pid_t> holder_in(std::istream& locks, const struct stat& file);

/// Returns who holds a folder with this locked file, as far as can be told, and what to do: a
/// clause of a message.
[[nodiscard]] std::string describe_holder(const std::filesystem::path& locked_file);

}  // namespace bytestore::rocksdb_backend
