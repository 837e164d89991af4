#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bytestore::cassandra {

/// The tokens after `after`, up to and with `last`.
struct TokenRange {
  std::int64_t after;
  std::int64_t last;

  friend bool operator==(const TokenRange&, const TokenRange&) = default;
};

/// All tokens in `count` ranges of equal length, in order. Murmur3 gives no key the least token.
std::vector<TokenRange> split_ring(std::size_t count);

}  // namespace bytestore::cassandra
