#pragma once

#include <array>
#include <cstddef>

namespace bytestore::cassandra {

/// The verbs of a store that make requests for keys. Each has counters and statements of its own.
enum class Verb { mget, mset, mdelete, yield_keys };

/// One `T` for each verb.
template <typename T>
class PerVerb {
 public:
  [[nodiscard]] T& operator[](Verb verb) noexcept {
    return values_[static_cast<std::size_t>(verb)];
  }
  [[nodiscard]] const T& operator[](Verb verb) const noexcept {
    return values_[static_cast<std::size_t>(verb)];
  }

  [[nodiscard]] auto begin() noexcept { return values_.begin(); }
  [[nodiscard]] auto end() noexcept { return values_.end(); }

 private:
  std::array<T, static_cast<std::size_t>(Verb::yield_keys) + 1> values_{};
};

/// The number of a kind of requests, for the window, which compares their latencies with each
/// other: a request for several keys takes longer than one for one. Pages of a listing are of no
/// such kind.
constexpr std::size_t kind_of_request(Verb verb, bool is_single) noexcept {
  return 2 * static_cast<std::size_t>(verb) + (is_single ? 0 : 1);
}

/// How many kinds there are; the last verb has none.
inline constexpr std::size_t kKindsOfRequests = kind_of_request(Verb::yield_keys, true);

}  // namespace bytestore::cassandra
