#pragma once

#include <cstdint>
#include <filesystem>

namespace bytestore::rocksdb_backend {

/// Returns how many bytes of memory this process may use: those of the machine, or the least limit
/// of its control groups if that is less. The paths are those of the system, or a test's own.
[[nodiscard]] std::uint64_t usable_memory(
    const std::filesystem::path& own_groups = "/proc/self/cgroup",
    const std::filesystem::path& groups = "/sys/fs/cgroup");

}  // namespace bytestore::rocksdb_backend
