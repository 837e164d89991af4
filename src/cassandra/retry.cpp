#include "cassandra/retry.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace bytestore::cassandra {

std::chrono::milliseconds Attempts::timeout(Clock::time_point now,
                                            std::chrono::milliseconds longest,
                                            const RetryRule& rule) const noexcept {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(first_ + rule.give_up_after - now);
  return std::max(std::min(longest, left), std::chrono::milliseconds{1});
}

std::optional<Attempts::Clock::time_point> Attempts::fail(Clock::time_point now, double jitter,
                                                          const RetryRule& rule) noexcept {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  const Milliseconds doubled = rule.first_delay * std::exp2(failed_++);
  const Milliseconds delay = std::min(doubled, Milliseconds(rule.longest_delay));
  const auto next = now + std::chrono::ceil<Clock::duration>(delay * (1 - jitter / 2));
  if (next - first_ >= rule.give_up_after) return std::nullopt;
  return next;
}

double random_jitter() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<>{0, 1}(engine);
}

}  // namespace bytestore::cassandra
