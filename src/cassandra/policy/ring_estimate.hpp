#pragma once

#include <cstdint>

namespace bytestore::cassandra {

/// The keys of a whole ring, from those of some of its ranges: servers that do not answer, and
/// those of other datacenters, have about as many.
class RingEstimate {
 public:
  /// Of the tokens after `after`, up to and with `last`; of all if the two are equal.
  void add(std::int64_t after, std::int64_t last, std::int64_t keys) noexcept;

  /// 0 if nothing was added.
  [[nodiscard]] std::uint64_t keys() const noexcept;

  /// The share of the ring in what was added, from 0 to 1.
  [[nodiscard]] double share() const noexcept { return share_; }

 private:
  double keys_ = 0;
  double share_ = 0;  // of the ring, in what was added
};

}  // namespace bytestore::cassandra
