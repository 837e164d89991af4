#pragma once

#include <boost/intrusive/list_hook.hpp>
#include <memory>

#include "bytestore/detail/asio_tag.hpp"

namespace bytestore::core {
class PendingHandlers;
class PostPermit;
class PostLater;
}  // namespace bytestore::core

namespace bytestore::detail {

/// The handler and the executor of an operation in flight. They belong to the execution context
/// where the handler is to run: if the context ends before the operation, it drops both.
class PendingHandler : public boost::intrusive::list_base_hook<> {
 public:
  /// Sees to it that the handler can be posted later, should there be no memory for it at once.
  /// \throws std::bad_alloc; Error `io` if there is no thread for that.
  PendingHandler();
  virtual ~PendingHandler();
  PendingHandler(const PendingHandler&) = delete;
  PendingHandler& operator=(const PendingHandler&) = delete;

  /// Destroys the handler and releases the executor.
  virtual void drop() noexcept = 0;

  /// Posts the handler with the result of the operation, and releases the executor. `self` is this.
  /// What it throws leaves both as they were.
  virtual void post(const std::shared_ptr<PendingHandler>& self) = 0;

 private:
  friend core::PendingHandlers;
  friend core::PostPermit;
  friend core::PostLater;

  std::shared_ptr<core::PendingHandlers> home_;  // null if the context never ends
  std::shared_ptr<PendingHandler> self_;         // while it is in a list
  bool dropped_ = false;                         // under the lock of `home_`
  std::shared_ptr<PendingHandler> next_;         // of those that are posted later
};

}  // namespace bytestore::detail
