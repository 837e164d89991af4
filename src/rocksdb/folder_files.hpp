#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bytestore::rocksdb_backend {

/// Returns the number of a log, whose name is like 000123.log; none: it is another file.
[[nodiscard]] std::optional<std::uint64_t> log_number(const std::filesystem::path& file);

/// Returns the numbers of the logs in a folder, in no order; none
/// if the folder cannot be read.
[[nodiscard]] std::vector<std::uint64_t> log_numbers(const std::filesystem::path& folder);

/// Returns the name of the manifest that is in force; empty if there is none.
[[nodiscard]] std::string current_manifest(const std::filesystem::path& folder);

}  // namespace bytestore::rocksdb_backend
