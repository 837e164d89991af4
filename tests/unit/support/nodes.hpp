#pragma once

#include "cassandra/driver/types.hpp"

/// Nodes that tests talk about.
namespace bytestore::cassandra {

inline constexpr NodeId kOne{.high = 1};
inline constexpr NodeId kTwo{.high = 2};
inline constexpr NodeId kThree{.high = 3};

}  // namespace bytestore::cassandra
