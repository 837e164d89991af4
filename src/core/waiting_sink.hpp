#pragma once

#include <condition_variable>
#include <memory>
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
    const auto arrival = arrival_;  // the sink dies as soon as `wait` has the result
    {
      const std::lock_guard lock(arrival->mutex);
      arrival->result.emplace(std::move(result));
    }
    arrival->happened.notify_one();  // not under the lock, for which the other thread would wait
  }

  [[nodiscard]] Result wait() {
    std::unique_lock lock(arrival_->mutex);
    while (!arrival_->result) arrival_->happened.wait(lock);
    return std::move(*arrival_->result);
  }

 private:
  struct Arrival {
    std::mutex mutex;
    std::condition_variable happened;
    std::optional<Result> result;
  };

  std::shared_ptr<Arrival> arrival_ = std::make_shared<Arrival>();
};

}  // namespace bytestore::core
