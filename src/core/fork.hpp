#pragma once

#include <cstdint>
#include <memory>

namespace bytestore::core {

/// How many forks lie between the first use of the library and this process: it differs between a
/// process and its forked children. Costs one atomic read.
std::uint64_t process_generation() noexcept;

/// Gives an object up for good: in a forked child its destructor could wait for ever.
template <typename T>
void leak(std::unique_ptr<T> object) noexcept {
  [[maybe_unused]] const T* const left_alone = object.release();
}

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
