#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <limits>
#include <optional>

namespace bytestore::cassandra {

/// How many keys the server allows in one request, as learnt from what it refused. Thread safe.
class KeyLimit {
 public:
  [[nodiscard]] std::size_t most() const noexcept { return most_.load(std::memory_order_relaxed); }

  /// Notes that a request for `keys` (at least two) was refused, and the limit that the server
  /// named, if it did. Without one, half of what was refused is tried next. Returns whether less is
  /// allowed than was known.
  bool refused(std::size_t keys, std::optional<std::size_t> named) noexcept {
    const bool is_plausible = named && *named > 0 && *named < keys;
    const std::size_t most = is_plausible ? *named : std::max<std::size_t>(1, keys / 2);
    std::size_t known = most_.load(std::memory_order_relaxed);
    while (most < known) {
      if (most_.compare_exchange_weak(known, most, std::memory_order_relaxed)) return true;
    }
    return false;
  }

 private:
  std::atomic<std::size_t> most_{std::numeric_limits<std::size_t>::max()};
};

}  // namespace bytestore::cassandra
