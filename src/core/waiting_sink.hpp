#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "core/arrival.hpp"
#include "core/backend.hpp"
#include "core/gate.hpp"

namespace bytestore::core {

/// Lets a blocking call wait for the result of its request. The call is inside the gate of its
/// store until the result is there, not until its thread goes on: the store may be closed on this
/// thread meanwhile (`detail::WhileWaiting`).
template <typename Result>
class WaitingSink final : public Sink<Result> {
 public:
  WaitingSink() = default;
  explicit WaitingSink(Gate::Pass pass) { state_->pass.emplace(std::move(pass)); }

  void done(Result result) noexcept override {
    const auto state = state_;  // the sink dies as soon as `wait` has the result
    state->result.emplace(std::move(result));
    state->pass.reset();  // before: then the store may be gone
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
    std::optional<Gate::Pass> pass;
    Arrival arrival;
  };

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace bytestore::core
