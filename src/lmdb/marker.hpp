#pragma once

#include <filesystem>
#include <string_view>

#include "lmdb/environment.hpp"

namespace bytestore::lmdb_backend {

/// The entry that marks a database as a bytestore, with its format. No key of a user begins with
/// its first byte, which valid UTF-8 cannot contain.
inline constexpr std::string_view kMarkerKey{
    "\xFF"
    "bytestore.format"};
inline constexpr std::string_view kMarker = "1";

/// Keys that begin with this byte or a greater one are our own.
inline constexpr std::string_view kFirstInternalKey{"\xFF"};

/// Marks a database in which there is nothing yet, and refuses every other one that is not marked.
/// Before the environment has other users.
/// \throws Error
void check_marker(Environment& environment, const std::filesystem::path& folder);

}  // namespace bytestore::lmdb_backend
