#pragma once

#include <cstdint>

namespace bytestore::cassandra {

/// A client timestamp, microseconds since the epoch: the time now, but in this process always later
/// than the one before, so that calls keep their order although their requests may not.
std::int64_t next_timestamp() noexcept;

/// The same for a given time; `last` is the timestamp before, and is replaced.
std::int64_t timestamp_after(std::int64_t& last, std::int64_t now) noexcept;

}  // namespace bytestore::cassandra
