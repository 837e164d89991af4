#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace bytestore::cassandra {

/// How many bytes a table answers with for a key, as learnt from its answers, to keep the answers
/// to groups near a target. Thread safe; a lost update among threads does no harm.
class AnswerSizes {
 public:
  /// Notes an answer of `bytes` to `keys` keys (at least one).
  void learn(std::size_t bytes, std::size_t keys) noexcept {
    const double seen = static_cast<double>(bytes) / static_cast<double>(keys);
    const double mean = mean_.load(std::memory_order_relaxed);
    // Larger answers count at once, smaller ones bit by bit: a mistake upwards costs memory.
    const double next = mean < 0 || seen > mean ? seen : mean + (seen - mean) / kMemory;
    mean_.store(next, std::memory_order_relaxed);
  }

  /// How many keys to ask for at once for an answer of `target` bytes; from 1 to `most`, and
  /// `cold` before anything was learnt.
  [[nodiscard]] std::size_t keys_for(std::size_t target, std::size_t most,
                                     std::size_t cold) const noexcept {
    const double mean = mean_.load(std::memory_order_relaxed);
    if (mean < 0) return std::min(cold, most);
    const double fitting = static_cast<double>(target) / std::max(mean, 1.0);
    return fitting >= static_cast<double>(most)
               ? most
               : std::max<std::size_t>(1, static_cast<std::size_t>(fitting));
  }

  /// Bytes a key; 0 before anything was learnt.
  [[nodiscard]] std::size_t mean() const noexcept {
    return static_cast<std::size_t>(std::max(0.0, mean_.load(std::memory_order_relaxed)));
  }

 private:
  /// Answers after which most of what was learnt before is forgotten.
  static constexpr double kMemory = 16;

  std::atomic<double> mean_{-1};
};

}  // namespace bytestore::cassandra
