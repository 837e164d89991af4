#pragma once

#include <memory>
#include <optional>
#include <semaphore>
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
      result_.emplace(std::move(result));
      happened_.release();
    }

    Result take() {
      happened_.acquire();
      return std::move(*result_);
    }

   private:
    std::optional<Result> result_;
    std::binary_semaphore happened_{0};
  };

  std::shared_ptr<Arrival> arrival_ = std::make_shared<Arrival>();
};

}  // namespace bytestore::core
