#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace bytestore::cassandra {

/// Which positions of a batch have to be asked for, so that each key is once. Holds next to nothing
/// if no key is there twice.
class UniqueKeys {
 public:
  /// Which of several positions stands for all of one key.
  enum class Keep { first, last };

  /// `key_of(i)` is the key at position i.
  template <typename KeyOf>
  UniqueKeys(std::size_t size, Keep keep, const KeyOf& key_of) : size_(size) {
    if (size < 2) return;
    std::vector<std::string_view> keys(size);
    for (std::size_t i = 0; i < size; ++i) keys[i] = key_of(i);
    find_twins(keys, keep);
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return twins_.empty() ? size_ : positions_.size();
  }

  /// The position that stands for the `i`th key.
  [[nodiscard]] std::size_t position(std::size_t i) const noexcept {
    return twins_.empty() ? i : positions_[i];
  }

  /// Pairs of a position that stands for its key, and another one of the same key, in order.
  [[nodiscard]] const std::vector<std::pair<std::size_t, std::size_t>>& duplicates()
      const noexcept {
    return twins_;
  }

 private:
  void find_twins(const std::vector<std::string_view>& keys, Keep keep);

  std::size_t size_;
  std::vector<std::size_t> positions_;  // only if there are duplicates
  std::vector<std::pair<std::size_t, std::size_t>> twins_;
};

}  // namespace bytestore::cassandra
