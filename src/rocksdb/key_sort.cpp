#include "rocksdb/key_sort.hpp"

#include <algorithm>
#include <cstddef>

namespace bytestore::rocksdb_backend {
namespace {

/// A key as it is compared first: by a number, which needs no access to the key's own memory.
struct Place {
  std::uint64_t head;
  std::uint32_t position;
};

/// Returns how many bytes all keys begin with in common.
std::size_t common_prefix(std::span<const std::string_view> keys) {
  std::size_t size = keys.front().size();
  for (const std::string_view key : keys) {
    const auto common = key.substr(0, size);
    const auto [differs, unused] = std::ranges::mismatch(common, keys.front());
    size = static_cast<std::size_t>(differs - common.begin());
  }
  return size;
}

/// Returns the first bytes as a number that orders as they do; a shorter text is padded with zeros.
std::uint64_t head_of(std::string_view text) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < sizeof head; ++i) {
    head = head << 8U | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  }
  return head;
}

}  // namespace

std::vector<std::uint32_t> positions_by_key(std::span<const std::string_view> keys) {
  if (keys.empty()) return {};
  const std::size_t skipped = common_prefix(keys);
  std::vector<Place> places;
  places.reserve(keys.size());
  for (const std::string_view key : keys) {
    places.push_back({.head = head_of(key.substr(skipped)),
                      .position = static_cast<std::uint32_t>(places.size())});
  }
  std::ranges::sort(places, [&](const Place& left, const Place& right) {
    if (left.head != right.head) return left.head < right.head;
    const int order = keys[left.position].compare(keys[right.position]);
    return order != 0 ? order < 0 : left.position < right.position;
  });
  std::vector<std::uint32_t> positions(places.size());
  std::ranges::transform(places, positions.begin(), &Place::position);
  return positions;
}

}  // namespace bytestore::rocksdb_backend
