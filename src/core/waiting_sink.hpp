#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "core/arrival.hpp"
#include "core/backend.hpp"

namespace bytestore::core {

/// Lets a blocking call wait for the result of its request.
template <typename Result>
class WaitingSink final : public Sink<Result> {
 public:
  void done(Result result) noexcept override {
    const auto state = state_;  // the sink dies as soon as `wait` has the result
    state->result.emplace(std::move(result));
    state->arrival.happen();
  }

  [[nodiscard]] Result wait() {
    state_->arrival.wait();
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): `done` has set it
    return std::move(*state_->result);
  }

  [[nodiscard]] Arrival& arrival() noexcept { return state_->arrival; }

 private:
  struct State {
    std::optional<Result> result;
    Arrival arrival;
  };

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace bytestore::core
