#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace bytestore::lmdb_backend {

/// Of the keys that it is given in any order, the least ones that fit into a page of a listing, of
/// which there is at least one. It borrows them.
class SmallestKeys {
 public:
  SmallestKeys(std::size_t max_keys, std::size_t max_bytes)
      : max_keys_(max_keys), max_bytes_(max_bytes) {}

  void add(std::string_view key) {
    heap_.push_back(key);
    std::ranges::push_heap(heap_);
    bytes_ += key.size();
    while (heap_.size() > 1 && (heap_.size() > max_keys_ || bytes_ > max_bytes_)) {
      std::ranges::pop_heap(heap_);
      bytes_ -= heap_.back().size();
      heap_.pop_back();
      left_some_out_ = true;
    }
  }

  /// Whether it was given more than fit.
  [[nodiscard]] bool left_some_out() const noexcept { return left_some_out_; }

  /// In order. Called once.
  [[nodiscard]] std::vector<std::string_view> take() {
    std::ranges::sort_heap(heap_);
    return std::move(heap_);
  }

 private:
  std::size_t max_keys_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  bool left_some_out_ = false;
  std::vector<std::string_view> heap_;  // its greatest comes first
};

}  // namespace bytestore::lmdb_backend
