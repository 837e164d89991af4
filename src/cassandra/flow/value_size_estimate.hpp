#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

#include "cassandra/flow/peak_ewma.hpp"

namespace bytestore::cassandra {

/// How many bytes a table answers with for a key that it has, as learnt from its answers, to keep
/// the answers to groups near a target and those in flight within the window. Before the first
/// value was read, what was written tells, and each key that was not there makes a large one less
/// likely. Thread safe; a lost update among threads does no harm.
class ValueSizeEstimate {
 public:
  /// Notes an answer with `values` values of `bytes` in all, to `keys` keys.
  void read(std::size_t bytes, std::size_t values, std::size_t keys) noexcept {
    if (values > 0) note(read_, bytes, values);
    misses_.fetch_add(keys - values, std::memory_order_relaxed);
  }

  /// Notes that `values` values (at least one) of `bytes` in all were written.
  void written(std::size_t bytes, std::size_t values) noexcept { note(written_, bytes, values); }

  /// How many keys to ask for at once for an answer of `target` bytes; from 1 to `most`, and `cold`
  /// before anything is known.
  [[nodiscard]] std::size_t keys_for(std::size_t target, std::size_t most,
                                     std::size_t cold) const noexcept {
    const double known = largest_known();
    auto fitting = static_cast<double>(most);
    if (known >= 0) fitting = std::min(fitting, static_cast<double>(target) / std::max(known, 1.0));
    if (!has_read()) fitting = std::min(fitting, static_cast<double>(cold) * unlikeliness());
    return std::max<std::size_t>(1, static_cast<std::size_t>(fitting));
  }

  /// Bytes a key; `cold` before anything is known.
  [[nodiscard]] std::size_t mean(std::size_t cold) const noexcept {
    double bytes = std::max(largest_known(), 0.0);
    if (!has_read()) bytes = std::max(bytes, static_cast<double>(cold) / unlikeliness());
    return static_cast<std::size_t>(bytes);
  }

 private:
  static void note(std::atomic<double>& mean_bytes, std::size_t bytes,
                   std::size_t values) noexcept {
    const double seen = static_cast<double>(bytes) / static_cast<double>(values);
    const double mean = mean_bytes.load(std::memory_order_relaxed);
    mean_bytes.store(peak_ewma(mean, seen), std::memory_order_relaxed);
  }

  [[nodiscard]] bool has_read() const noexcept {
    return read_.load(std::memory_order_relaxed) >= 0;
  }

  /// What was read; before that, what was written; negative: neither.
  [[nodiscard]] double largest_known() const noexcept {
    const double mean = read_.load(std::memory_order_relaxed);
    return mean >= 0 ? mean : written_.load(std::memory_order_relaxed);
  }

  /// By the rule of succession the next key is there with a chance of one in so many at most.
  [[nodiscard]] double unlikeliness() const noexcept {
    return 1 + static_cast<double>(misses_.load(std::memory_order_relaxed));
  }

  std::atomic<double> read_{-1};
  std::atomic<double> written_{-1};
  std::atomic<std::size_t> misses_{0};
};

}  // namespace bytestore::cassandra
