#pragma once

#include <filesystem>
#include <string_view>

namespace bytestore::lmdb_backend {

/// What a file is, as far as can be told without LMDB.
enum class FileContents {
  nothing,      ///< empty, or a database that nobody has written to yet
  half_made,    ///< the first of the two pages of such a database, as a full disk leaves it
  with_key,     ///< a database that has the key
  without_key,  ///< a database that does not have it
  not_lmdb,     ///< not of LMDB, or of another version of its format
};

/// Looks a key up in the main database of an LMDB file, and changes nothing, neither a file nor a
/// time: LMDB itself writes to its lock file when it opens a database, and without its lock file it
/// must not read one that others write. This reads the pages of LMDB's format (version 1) on the
/// way from the root to the key, and again if others have written twice meanwhile, since the pages
/// of a snapshot are not used again before.
/// \throws Error `io` if the file cannot be read.
[[nodiscard]] FileContents search_file(const std::filesystem::path& file, std::string_view key);

/// Adds the second page to a file that is `half_made`, so that LMDB opens it. If another process
/// has added it meanwhile, and more, the page comes behind all pages and is one that nobody looks
/// at.
/// \throws Error `io` if it cannot be written.
void complete_file(const std::filesystem::path& file);

}  // namespace bytestore::lmdb_backend
