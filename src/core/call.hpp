#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <stop_token>
#include <string_view>

#include "bytestore/error.hpp"
#include "bytestore/options.hpp"

namespace bytestore::core {

/// A wait or deadline over this is none: adding it to a clock must not overflow.
inline constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours{24 * 365};

/// `wait`, bounded so that it can be added to any clock; a negative one is none at all.
constexpr std::chrono::milliseconds bounded_wait(std::chrono::milliseconds wait) {
  return std::clamp(wait, std::chrono::milliseconds{0}, kLongestWait);
}

/// When one call has to end: its deadline, and everybody who may stop it.
class Call {
 public:
  using Clock = std::chrono::steady_clock;

  /// The deadline counts from here. `store` is stopped when the store closes, `operation` when an
  /// asynchronous operation is cancelled.
  /// \throws Error `invalid_argument` for a negative deadline.
  Call(const CallOptions& options, std::stop_token store, std::stop_token operation = {});

  /// Why the call has to end now: `cancelled`, `timeout`, or nothing.
  [[nodiscard]] std::optional<ErrorCode> interruption() const noexcept;

  /// For backends that wait: whoever may stop the call, and when its deadline passes (`max()`:
  /// never).
  [[nodiscard]] std::array<std::stop_token, 3> stop_tokens() const {
    return {caller_, store_, operation_};
  }
  [[nodiscard]] Clock::time_point deadline() const noexcept { return deadline_; }

 private:
  std::stop_token caller_;
  std::stop_token store_;
  std::stop_token operation_;
  Clock::time_point deadline_;
};

/// Why a call ended early, in words for the user.
/// Short enough to be kept in a string without an allocation: a long batch has one for each key.
std::string_view interruption_message(ErrorCode code) noexcept;

}  // namespace bytestore::core
