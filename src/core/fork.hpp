#pragma once

#include <cstdint>

namespace bytestore::core {

/// How many forks lie between the first use of the library and this process: it differs between a
/// process and its forked children. Costs one atomic read.
std::uint64_t process_generation() noexcept;

/// Remembers the process in which it was made.
class ForkGuard {
 public:
  /// Whether this is a forked child of that process. Locks may then be held for ever by threads
  /// that do not exist here, so nothing of that process may be waited for or destroyed.
  [[nodiscard]] bool in_child() const noexcept { return process_generation() != generation_; }

 private:
  std::uint64_t generation_ = process_generation();
};

}  // namespace bytestore::core
