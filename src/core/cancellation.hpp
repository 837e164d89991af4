#pragma once

#include <array>
#include <memory>
#include <optional>
#include <stop_token>

#include "core/call.hpp"

namespace bytestore::cassandra {

/// Somebody who ends early when a call is stopped.
class Interruptible {
 public:
  /// On the thread that stops the call, also during `Interruption::arm`; perhaps several times.
  virtual void cancel() noexcept = 0;

 protected:
  ~Interruptible() = default;
};

/// Tells somebody who is still there when a call is stopped.
class Interruption {
 public:
  void arm(const core::Call& call, const std::weak_ptr<Interruptible>& whom);

 private:
  struct Tell {
    std::weak_ptr<Interruptible> whom;
    void operator()() const noexcept {
      if (const auto told = whom.lock()) told->cancel();
    }
  };

  std::array<std::optional<std::stop_callback<Tell>>, 3> callbacks_;
};

}  // namespace bytestore::cassandra
