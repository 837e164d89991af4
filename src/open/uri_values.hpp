#pragma once

#include <charconv>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>

/// The values that parameters of store URIs may have. Each function returns nothing for a text that
/// is none.
namespace bytestore::open_uri {

/// A number from 1 to `most`, in decimal digits.
template <typename Count>
[[nodiscard]] std::optional<Count> parse_count(std::string_view text, Count most) noexcept {
  Count count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (count < 1 || count > most) return std::nullopt;
  return count;
}

/// A time of at least a millisecond, such as `500ms` or `10s`; in seconds of less than 2^32.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_time(std::string_view text) noexcept;

/// A number of bytes, or of one of the units, such as `64MiB` or `1GiB`.
[[nodiscard]] std::optional<std::size_t> parse_size(std::string_view text) noexcept;

/// `true` or `false`.
[[nodiscard]] std::optional<bool> parse_flag(std::string_view text) noexcept;

}  // namespace bytestore::open_uri
