#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bytestore/batch.hpp"

namespace bytestore::cli {

/// Entries that are waiting to be stored in one call; bounds what an import holds in memory.
class WriteBatch {
 public:
  /// It is enough for a backend to work at its full rate, and little to lose by an interrupt.
  static constexpr std::size_t kMaxEntries = 1'000;
  static constexpr std::size_t kMaxBytes = std::size_t{8} << 20;

  /// Returns whether a value of `bytes` may still be added. An empty batch accepts one value of any
  /// size.
  [[nodiscard]] bool has_room_for(std::size_t bytes) const noexcept {
    return entries_.empty() || (entries_.size() < kMaxEntries && bytes_ + bytes <= kMaxBytes);
  }

  void add(std::string key, std::string value) {
    bytes_ += value.size();
    entries_.push_back({.key = std::move(key), .value = Bytes::adopt(std::move(value))});
  }

  void clear() noexcept {
    entries_.clear();
    bytes_ = 0;
  }

  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::vector<Entry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace bytestore::cli
