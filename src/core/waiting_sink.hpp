#pragma once

#include <semaphore.h>

#include <memory>
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
  /// A POSIX semaphore takes no lock, and does not spin before it sleeps, as
  /// `std::binary_semaphore` does: on a machine of few cores that takes the place of the thread
  /// that is waited for.
  class Arrival {
   public:
    Arrival() noexcept { sem_init(&happened_, 0, 0); }
    ~Arrival() { sem_destroy(&happened_); }
    Arrival(const Arrival&) = delete;
    Arrival& operator=(const Arrival&) = delete;

    void put(Result result) {
      result_.emplace(std::move(result));
      sem_post(&happened_);
    }

    Result take() {
      while (sem_wait(&happened_) != 0) continue;  // a signal came
      // NOLINTNEXTLINE(bugprone-unchecked-optional-access): `put` has set it
      return std::move(*result_);
    }

   private:
    std::optional<Result> result_;
    sem_t happened_;
  };

  std::shared_ptr<Arrival> arrival_ = std::make_shared<Arrival>();
};

}  // namespace bytestore::core
