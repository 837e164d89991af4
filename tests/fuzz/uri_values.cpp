// Times, sizes, counts and flags of store URIs: each text is read as it is written, and what does
// not fit is refused.

#include "open/uri_values.hpp"

#include <cstdint>
#include <limits>

#include "fuzz.hpp"

namespace bytestore::fuzz {
namespace {

/// Returns the number at the beginning of a text, which it takes off; nothing if there is none, or
/// if it is over `most`.
std::optional<std::uint64_t> take_digits(std::string_view& text, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
  for (const char digit : digits) {
    const auto value = static_cast<std::uint64_t>(digit - '0');
    if (number > (most - value) / 10) return std::nullopt;
    number = number * 10 + value;
  }
  text.remove_prefix(digits.size());
  return digits.empty() ? std::nullopt : std::optional(number);
}

std::optional<std::uint64_t> time_in(std::string_view text) {
  const auto number = take_digits(text, INT64_MAX);
  if (!number || *number == 0) return std::nullopt;
  if (text == "ms") return number;
  if (text == "s" && *number < (std::uint64_t{1} << 32U)) return *number * 1000;
  return std::nullopt;
}

std::optional<std::uint64_t> size_in(std::string_view text) {
  const auto number = take_digits(text, UINT64_MAX);
  if (!number) return std::nullopt;
  std::uint64_t unit = 0;
  if (text.empty()) unit = 1;
  if (text == "KiB") unit = 1'024;
  if (text == "MiB") unit = 1'048'576;
  if (text == "GiB") unit = 1'073'741'824;
  if (unit == 0 || *number >= UINT64_MAX / unit) return std::nullopt;
  return *number * unit;
}

template <typename Count>
void check_count(std::string_view text, Count most) {
  const auto read = open_uri::parse_count<Count>(text, most);
  auto rest = text;
  auto number = take_digits(rest, most);
  if (!rest.empty() || number == 0U) number.reset();
  require(read.has_value() == number.has_value(), "a count is accepted exactly if it is one");
  require(!read || *read == *number, "a count is the number that was written");
}

}  // namespace

void check(std::string_view input) {
  const auto time = open_uri::parse_time(input);
  const auto right_time = time_in(input);
  require(time.has_value() == right_time.has_value(), "a time is accepted exactly if it is one");
  require(!time || time->count() == static_cast<std::int64_t>(*right_time), "a time is right");

  const auto size = open_uri::parse_size(input);
  const auto right_size = size_in(input);
  require(size.has_value() == right_size.has_value(), "a size is accepted exactly if it is one");
  require(!size || *size == *right_size, "a size is right");

  check_count<std::uint16_t>(input, std::numeric_limits<std::uint16_t>::max());
  check_count<unsigned>(input, 1'000);
  check_count<std::size_t>(input, std::numeric_limits<std::size_t>::max());

  const auto flag = open_uri::parse_flag(input);
  require(flag.has_value() == (input == "true" || input == "false"), "a flag is true or false");
  require(!flag || *flag == (input == "true"), "a flag is right");
}

}  // namespace bytestore::fuzz
