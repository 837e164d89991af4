#pragma once

#include <string_view>

namespace bytestore::rocksdb_backend {

/// Keys that begin so are our own: no valid UTF-8 does.
inline constexpr std::string_view kInternalPrefix{
    "\xFF"
    "bytestore."};
/// The first key after them.
inline constexpr std::string_view kAfterInternalKeys{
    "\xFF"
    "bytestore/"};

/// The entry that marks a database as a bytestore, with its format. Its key comes after all keys of
/// users, so that it is the largest key of the table that holds it.
inline constexpr std::string_view kMarkerKey{
    "\xFF"
    "bytestore.format"};
inline constexpr std::string_view kMarker = "1";

}  // namespace bytestore::rocksdb_backend
