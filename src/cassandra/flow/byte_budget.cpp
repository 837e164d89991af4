#include "cassandra/flow/byte_budget.hpp"

#include <algorithm>

namespace bytestore::cassandra {
namespace {

using Seconds = std::chrono::duration<double>;

/// How much may wait in front of the link, and how many times what bytes should take they may.
constexpr double kQueuedSeconds = 2;
constexpr double kPatience = 4;

/// Bytes a second that are taken for the rate before one was seen, and the least that is taken for
/// it after: a lower one would make a time out of a few bytes.
constexpr double kFirstRate = 0x1.8p17;
constexpr double kLeastRate = 0x1p14;

/// Fewer bytes tell of latencies rather than of the link.
constexpr std::uint64_t kTellingBytes = 0x1p16;

/// Bytes that took longer waited for the link even if the budget held nobody up.
constexpr Seconds kTellingTime{1};

/// How much a lower rate counts.
constexpr double kSmoothing = 4;

}  // namespace

double ByteBudget::budget() const noexcept {
  if (!rate_) return static_cast<double>(bounds_.first);
  return std::clamp(*rate_ * kQueuedSeconds, static_cast<double>(bounds_.least),
                    static_cast<double>(bounds_.most));
}

ByteBudget::Stamp ByteBudget::sent(std::size_t bytes, Clock::time_point now) noexcept {
  if (in_flight_ == 0) delivered_at_ = now;  // nothing could arrive before
  in_flight_ += bytes;
  return {.delivered = delivered_, .at = delivered_at_};
}

std::chrono::milliseconds ByteBudget::patience() const noexcept {
  const double rate = rate_ ? *rate_ / kPatience : kFirstRate;
  return std::chrono::ceil<std::chrono::milliseconds>(
      Seconds(static_cast<double>(in_flight_) / rate));
}

std::chrono::milliseconds ByteBudget::expected(double unseen_rate) const noexcept {
  return std::chrono::ceil<std::chrono::milliseconds>(
      Seconds(static_cast<double>(in_flight_) / rate_.value_or(unseen_rate)));
}

void ByteBudget::arrived(const Stamp& stamp, std::size_t bytes, std::size_t actual,
                         Clock::time_point now) noexcept {
  const bool was_full = !has_room();
  in_flight_ -= bytes;
  if (actual == 0) return;
  delivered_ += actual;
  delivered_at_ = now;
  const std::uint64_t passed = delivered_ - stamp.delivered;
  const Seconds took = now - stamp.at;
  if (passed < kTellingBytes || took.count() <= 0) return;
  learn(static_cast<double>(passed) / took.count(), stamp, was_full || took >= kTellingTime);
}

/// What was not held up tells only how fast the link is at least.
void ByteBudget::learn(double seen, const Stamp& stamp, bool was_held_up) noexcept {
  if (!rate_) {
    if (!was_held_up && seen * kQueuedSeconds < static_cast<double>(bounds_.first)) return;
    rate_ = std::max(seen, kLeastRate);
    raised_at_ = delivered_at_;
  } else if (seen > *rate_) {
    if (stamp.at < raised_at_) return;
    rate_ = std::min(seen, 2 * *rate_);
    raised_at_ = delivered_at_;
  } else if (was_held_up) {
    rate_ = std::max(*rate_ + (seen - *rate_) / kSmoothing, kLeastRate);
  }
}

void ByteBudget::timed_out(const Stamp& stamp, std::size_t bytes, Clock::time_point now) noexcept {
  in_flight_ -= bytes;
  if (bytes == 0 || stamp.at < halved_at_) return;
  halved_at_ = now;
  rate_ = std::max(rate_.value_or(kFirstRate) / 2, kLeastRate);
}

}  // namespace bytestore::cassandra
