#include "core/call.hpp"

#include <utility>

namespace bytestore::core {
namespace {

Call::Clock::time_point time_point_after(std::chrono::milliseconds deadline) {
  if (deadline.count() < 0) {
    throw Error(ErrorCode::invalid_argument,
                "the deadline of a call is negative; pass 0 for none, or a positive time");
  }
  if (deadline.count() == 0 || deadline > kLongestWait) return Call::Clock::time_point::max();
  return Call::Clock::now() + deadline;
}

}  // namespace

Call::Call(const CallOptions& options, std::stop_token store, std::stop_token operation)
    : caller_(options.stop),
      store_(std::move(store)),
      operation_(std::move(operation)),
      deadline_(time_point_after(options.deadline)) {}

std::optional<ErrorCode> Call::interruption() const noexcept {
  if (caller_.stop_requested() || store_.stop_requested() || operation_.stop_requested()) {
    return ErrorCode::cancelled;
  }
  if (deadline_ != Clock::time_point::max() && Clock::now() >= deadline_) return ErrorCode::timeout;
  return std::nullopt;
}

std::string_view interruption_message(ErrorCode code) noexcept {
  return code == ErrorCode::timeout ? "deadline passed" : "call ended early";
}

}  // namespace bytestore::core
