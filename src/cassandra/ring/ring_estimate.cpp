#include "cassandra/ring/ring_estimate.hpp"

#include <algorithm>
#include <cmath>

namespace bytestore::cassandra {

void RingEstimate::add(const Ring& ring, const TokenRange& range, std::int64_t keys) {
  keys_ += static_cast<double>(std::max<std::int64_t>(keys, 0));
  if (const auto share = ring.share(range)) {
    share_ += *share;
    return;
  }
  begins_.insert(range.after);
  ends_.insert(range.last);
}

std::optional<std::uint64_t> RingEstimate::keys() const noexcept {
  if (begins_ != ends_) return std::nullopt;
  const double keys = share_ > 0 ? keys_ / share_ : keys_;
  return static_cast<std::uint64_t>(std::llround(keys));
}

}  // namespace bytestore::cassandra
