// Keys: accepted exactly if they are valid UTF-8 of 1 to 65,535 bytes, and the bound of a prefix
// parts the keys that begin with it from all others.

#include "bytestore/keys.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/keys.hpp"
#include "fuzz.hpp"

namespace bytestore::fuzz {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

/// Returns how many bytes the code point at the beginning has; 0 if there is none. By table 3-7 of
/// the Unicode standard.
std::size_t code_point_bytes(std::string_view text) {
  const unsigned first = byte_at(text, 0);
  const auto follows = [&](std::size_t at, unsigned least = 0x80, unsigned most = 0xBF) {
    return byte_at(text, at) >= least && byte_at(text, at) <= most;
  };
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return follows(1) ? 2 : 0;
  if (first < 0xF0) {
    const unsigned least = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned most = first == 0xED ? 0x9F : 0xBF;
    return follows(1, least, most) && follows(2) ? 3 : 0;
  }
  if (first > 0xF4) return 0;
  const unsigned least = first == 0xF0 ? 0x90 : 0x80;
  const unsigned most = first == 0xF4 ? 0x8F : 0xBF;
  return follows(1, least, most) && follows(2) && follows(3) ? 4 : 0;
}

/// Where the first byte is that is not UTF-8.
std::optional<std::size_t> first_invalid(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = code_point_bytes(text.substr(at));
    if (bytes == 0) return at;
    at += bytes;
  }
  return std::nullopt;
}

void check_key(std::string_view key) {
  const auto invalid = first_invalid(key);
  const bool is_key = !key.empty() && key.size() <= 65'535 && !invalid;
  const auto problem = key_problem(key);
  require(problem.has_value() == !is_key, "a key is accepted exactly if it is one");
  const auto fault = core::key_fault(key);
  require(fault.has_value() == !is_key, "a key has a fault exactly if it is none");
  require(!problem || problem->starts_with(*fault), "what is wrong is said in the same words");
  if (invalid && key.size() <= 65'535) {
    require(*fault == "is not valid UTF-8 at byte " + std::to_string(*invalid),
            "the first byte that is not UTF-8 is named");
  }
  const std::array<std::string_view, 2> batch{"a", key};
  const auto refusal = refusal_of([&] { core::check_keys(std::span(batch)); });
  require(refusal.empty() == is_key, "a batch is accepted exactly if its keys are");
  require(is_key || refusal.starts_with("key 1 of 2 "), "a refusal names the key by its position");
}

/// A key as long as may be, or one byte more or less.
void check_long_key(std::string_view end) {
  const std::size_t size = 65'534 + byte_at(end, 0) % 3;
  check_key(std::string(size - std::min(end.size(), size), 'k') + std::string(end));
}

void check_prefix(const std::string& prefix, const std::string& other) {
  const auto bound = core::prefix_upper_bound(prefix);
  for (const std::string& key : {other, prefix + other}) {
    const bool is_below = key >= prefix && (!bound || key < *bound);
    require(is_below == key.starts_with(prefix), "the bound parts what begins with the prefix");
  }
  require(!bound || *bound > prefix + std::string(4, '\xFF'), "the bound is after all of them");
}

}  // namespace

void check(std::string_view input) {
  check_key(input);
  if (input.size() % 64 == 3) check_long_key(input);  // it takes a while
  const auto prefix = take_part(input, '\n');
  check_prefix(std::string(prefix), std::string(input));
}

}  // namespace bytestore::fuzz
