#pragma once

namespace bytestore::cassandra {

/// The mean of sizes with another one seen. A larger one counts at once and smaller ones bit by
/// bit, since a mistake upwards costs memory: most of what was seen before is forgotten after 16.
/// A mean of 0 or less is that of nothing.
constexpr double peak_ewma(double mean, double seen) noexcept {
  return seen > mean ? seen : mean + (seen - mean) / 16;
}

}  // namespace bytestore::cassandra
