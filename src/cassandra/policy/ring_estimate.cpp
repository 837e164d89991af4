#include "cassandra/policy/ring_estimate.hpp"

#include <algorithm>
#include <cmath>

namespace bytestore::cassandra {
namespace {

constexpr double kTokens = 0x1p64;

}  // namespace

void RingEstimate::add(std::int64_t after, std::int64_t last, std::int64_t keys) noexcept {
  const auto tokens = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(after);
  share_ += tokens == 0 ? 1 : static_cast<double>(tokens) / kTokens;
  keys_ += static_cast<double>(std::max<std::int64_t>(keys, 0));
}

std::uint64_t RingEstimate::keys() const noexcept {
  return share_ > 0 ? static_cast<std::uint64_t>(std::llround(keys_ / share_)) : 0;
}

}  // namespace bytestore::cassandra
