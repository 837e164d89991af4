#pragma once

#include <memory>

#include "core/backend.hpp"
#include "core/call.hpp"
#include "core/cancellation.hpp"

namespace bytestore::cassandra {

class ListingReader;

/// A step of a listing that waits for its page. Whoever takes it out of the reader completes it,
/// once.
class PageWaiter final : public core::Cancellable {
 public:
  using Clock = core::Call::Clock;

  PageWaiter(std::shared_ptr<ListingReader> reader, core::Call call,
             core::Sink<core::PageResult>& sink, Clock::time_point begun);

  /// When it began to wait.
  [[nodiscard]] Clock::time_point begun() const noexcept { return begun_; }

  /// Has an interruption of the call end it. `self` is this.
  void arm(const std::shared_ptr<PageWaiter>& self) { cancellation_.arm(call_, self); }

  void cancel() noexcept override;
  void done(core::PageResult result) noexcept;

 private:
  std::shared_ptr<ListingReader> reader_;
  core::Call call_;  // the caller's goes when the waiter is completed: perhaps before it is armed
  core::Sink<core::PageResult>& sink_;
  Clock::time_point begun_;
  core::Cancellation cancellation_;
};

}  // namespace bytestore::cassandra
