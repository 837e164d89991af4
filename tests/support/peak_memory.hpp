#pragma once

#include <cstddef>

namespace bytestore::testing {

/// The most memory that this process had resident since this was made, over what it had then. One
/// at a time.
class PeakMemory {
 public:
  PeakMemory();

  /// In bytes.
  [[nodiscard]] std::size_t added() const;

 private:
  std::size_t before_;
};

}  // namespace bytestore::testing
