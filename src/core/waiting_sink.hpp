#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "core/backend.hpp"

namespace bytestore::core {

/// Lets a blocking call wait for the result of its request.
template <typename Result>
class WaitingSink final : public Sink<Result> {
 public:
  void done(Result result) noexcept override {
    const std::lock_guard lock(mutex_);
    result_.emplace(std::move(result));
    arrived_.notify_one();  // under the lock: the sink dies as soon as `wait` has it
  }

  [[nodiscard]] Result wait() {
    std::unique_lock lock(mutex_);
    while (!result_) arrived_.wait(lock);
    return std::move(*result_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::optional<Result> result_;
};

}  // namespace bytestore::core
