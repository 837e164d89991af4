#pragma once

#include <algorithm>
#include <cstddef>

namespace bytestore::cli {

/// How many keys to read in one call, where the sizes of their values are not known: few at first,
/// then as many as should bring about 8 MiB if the values stay as large as the largest of late.
class ReadPace {
 public:
  static constexpr std::size_t kFirstKeys = 4;
  static constexpr std::size_t kMaxKeys = 256;
  static constexpr std::size_t kAimedBytes = std::size_t{8} << 20;

  [[nodiscard]] std::size_t keys() const noexcept { return keys_; }

  /// After a read whose largest value had `largest` bytes. The memory of larger ones fades by half
  /// with each read; the number of keys at most doubles.
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
