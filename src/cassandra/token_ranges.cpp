#include "cassandra/token_ranges.hpp"

#include <limits>

namespace bytestore::cassandra {

std::vector<TokenRange> split_ring(std::size_t count) {
  using Limits = std::numeric_limits<std::int64_t>;
  const std::uint64_t length = std::numeric_limits<std::uint64_t>::max() / count;
  std::vector<TokenRange> ranges;
  ranges.reserve(count);
  std::int64_t after = Limits::min();
  for (std::size_t i = 1; i < count; ++i) {
    const auto last =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(Limits::min()) + i * length);
    ranges.push_back({.after = after, .last = last});
    after = last;
  }
  ranges.push_back({.after = after, .last = Limits::max()});
  return ranges;
}

}  // namespace bytestore::cassandra
