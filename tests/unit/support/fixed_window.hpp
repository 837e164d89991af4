#pragma once

#include <cstddef>

#include "cassandra/flow/concurrency_limit.hpp"

namespace bytestore::cassandra {

/// A window that always has the same number of requests, of any size.
inline WindowBounds fixed(std::size_t requests) {
  constexpr std::size_t kAnyBytes = std::size_t{1} << 40;
  return {.start = requests,
          .least = requests,
          .most = requests,
          .bytes = {.first = kAnyBytes, .least = kAnyBytes, .most = kAnyBytes}};
}

}  // namespace bytestore::cassandra
