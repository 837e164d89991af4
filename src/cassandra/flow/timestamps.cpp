#include "cassandra/flow/timestamps.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>

namespace bytestore::cassandra {

std::int64_t timestamp_after(std::int64_t& last, std::int64_t now) noexcept {
  last = std::max(now, last + 1);
  return last;
}

std::int64_t next_timestamp() noexcept {
  static std::atomic<std::int64_t> latest{0};
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  std::int64_t known = latest.load(std::memory_order_relaxed);
  for (;;) {
    std::int64_t next = known;
    timestamp_after(next, now);
    if (latest.compare_exchange_weak(known, next, std::memory_order_relaxed)) return next;
  }
}

}  // namespace bytestore::cassandra
