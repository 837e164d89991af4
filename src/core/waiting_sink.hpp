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
    arrival->put(std::move(result));
  }

  [[nodiscard]] Result wait() { return arrival_->take(); }

 private:
  class Arrival {
   public:
    void put(Result result) {
      {
        const std::lock_guard lock(mutex_);
        result_.emplace(std::move(result));
      }
      happened_.notify_one();  // not under the lock, for which the other thread would wait
    }

    Result take() {
      std::unique_lock lock(mutex_);
      while (!result_) happened_.wait(lock);
      return std::move(*result_);
    }

   private:
    std::mutex mutex_;
    std::condition_variable happened_;
    std::optional<Result> result_;
  };

  std::shared_ptr<Arrival> arrival_ = std::make_shared<Arrival>();
};

}  // namespace bytestore::core
