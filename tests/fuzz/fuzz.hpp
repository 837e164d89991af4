#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/error.hpp"

/// What the targets have in common. Each target defines `check`.
namespace bytestore::fuzz {

/// Tries the properties of the target on one input. Ends the process if one does not hold.
void check(std::string_view input);

/// Ends the process, so that the input is kept, unless `holds`.
void require(bool holds, std::string_view property);

/// Returns the parts of `text` between these separators; at least one, which may be empty.
std::vector<std::string> split(std::string_view text, char separator);

/// Takes the part before the first separator off the beginning of `text`, with the separator.
std::string_view take_part(std::string_view& text, char separator);

/// Decodes percent signs, by RFC 3986. Returns false if one is not followed by two hex digits.
bool decode_percent(std::string_view text, std::string& decoded);

/// Returns `text` with everything encoded but letters and digits.
std::string encode_percent(std::string_view text);

/// Calls `attempt`, and returns the message of the library's error, or an empty one if there was
/// none. An error with another code than `invalid_argument` is against the contract of what is
/// tested here.
template <typename Attempt>
std::string refusal_of(const Attempt& attempt) {
  try {
    attempt();
    return {};
  } catch (const Error& error) {
    require(error.code() == ErrorCode::invalid_argument, "a refusal is an invalid argument");
    require(*error.what() != '\0', "a refusal says why");
    return error.what();
  }
}

}  // namespace bytestore::fuzz
