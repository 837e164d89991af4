#pragma once

namespace bench {

/// User and system time of this process so far, in seconds.
double processor_seconds();

/// Begins a new `peak_kibibytes`.
void forget_peak();

/// The most that was resident since `forget_peak`.
long peak_kibibytes();

}  // namespace bench
