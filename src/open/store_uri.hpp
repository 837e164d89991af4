#pragma once

#include <map>
#include <string>
#include <string_view>

namespace bytestore::open_uri {

/// A store URI in its parts, percent-decoded: `scheme:path?name=value&...`.
struct StoreUri {
  std::string scheme;
  std::string path;
  std::string raw_path;  ///< as it was written, for schemes whose paths have parts
  std::map<std::string, std::string, std::less<>> parameters;
};

/// \throws Error `invalid_argument` if `text` has no scheme, a percent sign without two hex digits
/// behind it, a NUL byte, or a parameter without a value or given twice.
StoreUri parse_store_uri(std::string_view text);

/// \throws Error `invalid_argument` for a percent sign without two hex digits behind it, and for a
/// NUL byte, at which the system calls would cut a path.
std::string percent_decoded(std::string_view part);

}  // namespace bytestore::open_uri
