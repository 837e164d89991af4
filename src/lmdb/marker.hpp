#pragma once

#include <filesystem>
#include <string_view>

#include "lmdb/environment.hpp"

namespace bytestore::lmdb_backend {

/// Keys that begin so are our own: no valid UTF-8 does.
inline constexpr std::string_view kInternalPrefix{
    "\xFF"
    "bytestore."};

/// The entry that marks a database as a bytestore, with its format.
inline constexpr std::string_view kMarkerKey{
    "\xFF"
    "bytestore.format"};
inline constexpr std::string_view kMarker = "1";

/// Marks a database in which there is nothing yet, and refuses every other one that is not marked.
/// Before the environment has other users.
/// \throws Error
void check_marker(Environment& environment, const std::filesystem::path& folder);

}  // namespace bytestore::lmdb_backend
