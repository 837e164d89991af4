#pragma once

#include <array>
#include <memory>
#include <optional>
#include <stop_token>

#include "core/call.hpp"

namespace bytestore::core {

/// Somebody who ends early when a call is stopped.
class Cancellable {
 public:
  /// On the thread that stops the call, also during `Cancellation::arm`; perhaps several times.
  virtual void cancel() noexcept = 0;

 protected:
  ~Cancellable() = default;
};

/// Tells somebody who is still there when a call is stopped.
class Cancellation {
 public:
  void arm(const Call& call, const std::weak_ptr<Cancellable>& target);

 private:
  struct Notify {
    std::weak_ptr<Cancellable> target;
    void operator()() const noexcept {
      if (const auto told = target.lock()) told->cancel();
    }
  };

  std::array<std::optional<std::stop_callback<Notify>>, 3> callbacks_;
};

}  // namespace bytestore::core
