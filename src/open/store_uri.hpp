#pragma once

#include <map>
#include <string>
#include <string_view>

namespace bytestore::open_uri {

/// A store URI in its parts, percent-decoded: `scheme:path?name=value&...`.
struct StoreUri {
  std::string scheme;  ///< in lower case
  std::string path;
  std::string raw_path;  ///< the path as it was written, for schemes whose paths have parts
  std::map<std::string, std::string, std::less<>> parameters;
};

/// What a scheme is made of (RFC 3986). It begins with a letter.
inline constexpr std::string_view kSchemeCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";

/// Whether a text, in any case of its letters, is `lower`, which is given in lower case. Whatever
/// the locale is.
bool is_in_any_case(std::string_view text, std::string_view lower) noexcept;

/// Whether a text begins with this scheme, which is given in lower case, and a colon. Schemes
/// compare without case.
bool has_scheme(std::string_view text, std::string_view scheme) noexcept;

/// Whether a scheme, which is given in lower case, is one of stores in local folders.
bool is_of_folder(std::string_view scheme) noexcept;

/// How a build gets the backend of a scheme if it was made without it; empty for schemes that no
/// build has.
std::string_view how_to_get(std::string_view scheme) noexcept;

/// \throws Error `invalid_argument` that says `problem`.
[[noreturn]] void refuse(const std::string& problem);

/// \throws Error `invalid_argument` if `text` has no scheme, a percent sign that two hex digits do
/// not follow, a NUL byte, or a parameter that has no value or is given twice.
StoreUri parse_store_uri(std::string_view text);

/// \throws Error `invalid_argument` for a percent sign that two hex digits do not follow, and for a
/// NUL byte, where system calls would cut a path off.
std::string percent_decoded(std::string_view part);

}  // namespace bytestore::open_uri
