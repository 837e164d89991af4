#include "open/uri_values.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace bytestore::open_uri {
namespace {

constexpr std::int64_t kMostSeconds = std::int64_t{1} << 32;

struct SizeUnit {
  std::string_view name;
  unsigned bits;
};
constexpr auto kSizeUnits = std::to_array<SizeUnit>({{.name = "", .bits = 0},
                                                     {.name = "KiB", .bits = 10},
                                                     {.name = "MiB", .bits = 20},
                                                     {.name = "GiB", .bits = 30}});

/// Returns the number at the beginning of `text`, if there is one, and the text after it.
template <typename Number>
std::pair<std::optional<Number>, std::string_view> leading_number(std::string_view text) noexcept {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return {std::nullopt, text};
  return {number, text.substr(static_cast<std::size_t>(end - text.data()))};
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_time(std::string_view text) noexcept {
  const auto [count, unit] = leading_number<std::int64_t>(text);
  if (!count || *count <= 0) return std::nullopt;
  if (unit == "ms") return std::chrono::milliseconds{*count};
  if (unit == "s" && *count < kMostSeconds) return std::chrono::seconds{*count};
  return std::nullopt;
}

std::optional<std::size_t> parse_size(std::string_view text) noexcept {
  const auto [count, rest] = leading_number<std::size_t>(text);
  const auto* const unit = std::ranges::find(kSizeUnits, rest, &SizeUnit::name);
  if (!count || unit == kSizeUnits.end() || *count >= (SIZE_MAX >> unit->bits)) {
    return std::nullopt;
  }
  return *count << unit->bits;
}

std::optional<bool> parse_flag(std::string_view text) noexcept {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

}  // namespace bytestore::open_uri
