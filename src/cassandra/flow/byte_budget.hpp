#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/call.hpp"

namespace bytestore::cassandra {

/// How many bytes may be in flight in one direction.
struct ByteBounds {
  std::size_t first = std::size_t{1} << 20;    ///< before anything is known of the links
  std::size_t least = std::size_t{256} << 10;  ///< however slow they are
  std::size_t most = std::size_t{32} << 20;
};

/// How many bytes of a session may be in flight in one direction: as many as pass in two seconds,
/// at the rate that is seen, and one request however large. So the queue in front of a slow link
/// stays short, and a fast one is kept busy. Decides only; not thread safe.
class ByteBudget {
 public:
  using Clock = core::Call::Clock;

  explicit ByteBudget(const ByteBounds& bounds) noexcept : bounds_(bounds) {}

  /// What the rate is reckoned from when a request is done.
  struct Stamp {
    std::uint64_t delivered = 0;  ///< bytes that had arrived when it was sent
    Clock::time_point at{};       ///< when the last of these had
  };

  [[nodiscard]] bool has_room() const noexcept {
    return static_cast<double>(in_flight_) < budget();
  }
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }

  /// `bytes` begin to be in flight.
  Stamp sent(std::size_t bytes, Clock::time_point now) noexcept;

  /// How long they may take, after all that is ahead of them: four times what they should, since
  /// servers need time too, links are shared and peers slow down.
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept;
  /// How long the bytes in flight are expected to take: by the rate that was seen or, before one
  /// was, by `unseen_rate` bytes a second.
  [[nodiscard]] std::chrono::milliseconds expected(double unseen_rate) const noexcept;

  /// They have arrived; `actual` is how many they turned out to be. The rate is at most doubled,
  /// and not again by what was sent before that.
  void arrived(const Stamp& stamp, std::size_t bytes, std::size_t actual,
               Clock::time_point now) noexcept;

  /// They were not answered in time: the rate is taken to be half of what it was. Of requests that
  /// were sent before that none halves it again.
  void timed_out(const Stamp& stamp, std::size_t bytes, Clock::time_point now) noexcept;

  /// They ended in a way that tells nothing.
  void dropped(std::size_t bytes) noexcept { in_flight_ -= bytes; }

 private:
  [[nodiscard]] double budget() const noexcept;
  void learn(double seen, const Stamp& stamp, bool was_held_up) noexcept;

  ByteBounds bounds_;
  std::size_t in_flight_ = 0;
  std::uint64_t delivered_ = 0;
  Clock::time_point delivered_at_{};
  std::optional<double> rate_;  // bytes a second
  Clock::time_point raised_at_ = Clock::time_point::min();
  Clock::time_point halved_at_ = Clock::time_point::min();
};

}  // namespace bytestore::cassandra
