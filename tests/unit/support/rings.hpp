#pragma once

#include <cstdint>
#include <string>

#include "cassandra/ring/ring.hpp"

namespace bytestore::cassandra {

inline const Ring& murmur3_ring() { return *ring_of(Partitioner::murmur3); }
inline const Ring& random_ring() { return *ring_of(Partitioner::random); }
inline const Ring& byte_order_ring() { return *ring_of(Partitioner::byte_order); }

/// One of Murmur3's.
inline Token murmur3_token(std::int64_t number) {
  return murmur3_ring().read(std::to_string(number)).value_or(Token());
}

}  // namespace bytestore::cassandra
