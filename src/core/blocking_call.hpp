#pragma once

#include <memory>

namespace bytestore::core {

/// Wakes a thread that does work of a backend while it waits for the result of a call. Thread safe.
class Waker {
 public:
  virtual ~Waker() = default;
  virtual void wake() const noexcept = 0;
};

/// A call that is waited for on the thread that begins it, as its backend sees it.
class BlockingCall {
 public:
  /// Asks the backend, and throws what that throws. Called once.
  virtual void begin() = 0;

  /// Whether the result is there, so that the thread has nothing to wait for.
  [[nodiscard]] virtual bool is_done() noexcept = 0;

  /// `waker` is called once the result is there, on the thread that brings it. Only before `begin`.
  virtual void wake_by(std::shared_ptr<const Waker> waker) noexcept = 0;

 protected:
  ~BlockingCall() = default;
};

}  // namespace bytestore::core
