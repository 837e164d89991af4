#pragma once

#include <algorithm>
#include <cstddef>

namespace bytestore::cli {

/// Decides how many keys to read in one call if the sizes of their values are not known: few at
/// first, then as many as should give about 8 MiB if values are as large as the largest recent one.
class ReadPace {
 public:
  static constexpr std::size_t kFirstKeys = 4;
  static constexpr std::size_t kMaxKeys = 256;
  static constexpr std::size_t kAimedBytes = std::size_t{8} << 20;

  [[nodiscard]] std::size_t keys() const noexcept { return keys_; }

  /// Must be called after each read, whose largest value had `largest` bytes. The remembered size
  /// of earlier, larger values is halved with each read; the number of keys at most doubles.
  void adapt(std::size_t largest) noexcept {
    expected_ = std::max({largest, expected_ / 2, std::size_t{1}});
    const std::size_t fitting = std::max(kAimedBytes / expected_, std::size_t{1});
    keys_ = std::min({fitting, keys_ * 2, kMaxKeys});
  }

 private:
  std::size_t keys_ = kFirstKeys;
  std::size_t expected_ = 1;
};

}  // namespace bytestore::cli
