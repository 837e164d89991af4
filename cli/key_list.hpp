#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Lists of keys as text: `bytestore keys` writes them, and `bytestore delete -0` reads them.
namespace bytestore::cli {

enum class KeyFormat {
  line,            ///< the key, which may itself contain newlines, and a newline
  nul_terminated,  ///< the key and a NUL byte, for keys without one
  json,            ///< a JSON string and a newline, for any key
};

/// Returns a key as a listing of this format has it.
std::string listed(const std::string& key, KeyFormat format);

/// The keys of a list.
struct KeyList {
  std::vector<std::string> keys;
  bool is_whole = true;  ///< none was left out
};

/// Reads a list in which each key is ended by a NUL byte. Keys that no store accepts are left out;
/// `left_out` is called with each of them, and what is wrong with it.
/// \throws Failure `usage` if the list does not end with a NUL byte.
KeyList read_key_list(
    std::string_view list,
    const std::function<void(std::string_view key, std::string_view problem)>& left_out);

}  // namespace bytestore::cli
