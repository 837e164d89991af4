#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/batch.hpp"
#include "bytestore/byte_store.hpp"

namespace bytestore::testing {

inline Bytes text(std::string_view characters) { return Bytes::copy(characters); }

/// `size` bytes that differ with `seed` and do not compress.
inline Bytes noise(std::size_t size, std::uint64_t seed) {
  std::string bytes(size, '\0');
  std::uint64_t state = seed * 2'862'933'555'777'941'757U + 1;
  for (char& byte : bytes) {
    state ^= state << 13U;  // xorshift64
    state ^= state >> 7U;
    state ^= state << 17U;
    byte = static_cast<char>(state >> 56U);
  }
  return Bytes::adopt(std::move(bytes));
}

/// "PREFIX0", "PREFIX1", ...
inline std::vector<std::string> numbered_keys(std::string_view prefix, std::size_t count) {
  std::vector<std::string> keys;
  keys.reserve(count);
  for (std::size_t i = 0; i < count; ++i) keys.push_back(std::string(prefix) + std::to_string(i));
  return keys;
}

/// Each of `keys`, with the key itself as the value.
inline std::vector<Entry> entries_of(const std::vector<std::string>& keys) {
  std::vector<Entry> entries;
  entries.reserve(keys.size());
  for (const auto& key : keys) entries.push_back({key, text(key)});
  return entries;
}

/// The keys of a listing, in order and as often as they were given.
inline std::vector<std::string> walk(KeyView view) {
  std::vector<std::string> keys;
  for (const auto& key : view) keys.push_back(key);
  return keys;
}

}  // namespace bytestore::testing
