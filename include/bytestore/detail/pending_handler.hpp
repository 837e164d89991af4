#pragma once

#include <boost/intrusive/list_hook.hpp>
#include <memory>

#include "bytestore/detail/asio_tag.hpp"

namespace bytestore::core {
class PendingHandlers;
class PostPermit;
}  // namespace bytestore::core

namespace bytestore::detail {

/// What an operation that is under way holds of the execution context where its handler is to run:
/// the handler and the executor. If the context ends before the operation, it drops both.
class PendingHandler : public boost::intrusive::list_base_hook<> {
 public:
  PendingHandler() noexcept;
  virtual ~PendingHandler();
  PendingHandler(const PendingHandler&) = delete;
  PendingHandler& operator=(const PendingHandler&) = delete;

  /// Destroys the handler and lets go of the executor.
  virtual void drop() noexcept = 0;

 private:
  friend core::PendingHandlers;
  friend core::PostPermit;

  std::shared_ptr<core::PendingHandlers> home_;  // null: of a context that does not end
  std::shared_ptr<PendingHandler> self_;         // while it is in a list
  bool dropped_ = false;                         // under the lock of `home_`
};

}  // namespace bytestore::detail
