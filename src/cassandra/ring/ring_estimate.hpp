#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "cassandra/ring/ring.hpp"

namespace bytestore::cassandra {

/// The keys of a whole ring, from those of some of its ranges: servers that do not answer, and
/// those of other datacenters, have about as many. Where keys are not spread evenly over the ring
/// nothing is known of the ranges that are missing.
class RingEstimate {
 public:
  /// `range` as `Ring::share` takes it.
  void add(const Ring& ring, const TokenRange& range, std::int64_t keys);

  /// 0 if nothing was added; nothing if it cannot be told from what was added.
  [[nodiscard]] std::optional<std::uint64_t> keys() const noexcept;

  /// The share of the ring in what was added, from 0 to 1, where keys are spread evenly.
  [[nodiscard]] double share() const noexcept { return share_; }

 private:
  double keys_ = 0;
  double share_ = 0;
  // Where keys are not spread evenly, of what was added. Ranges make a whole ring if each begins
  // where one ends.
  std::multiset<Token> begins_;
  std::multiset<Token> ends_;
};

}  // namespace bytestore::cassandra
