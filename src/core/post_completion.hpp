#pragma once

/// How a completion posts its handler: for the files that instantiate `Completion`.

#include <boost/asio/post.hpp>

#include "bytestore/detail/completion.hpp"
#include "core/pending_handlers.hpp"
#include "core/runtime.hpp"

namespace bytestore::detail {

template <typename... Result>
Completion<Result...>::~Completion() {
  if (!pending_) return;  // else nobody could start the operation
  const core::PostPermit permit(*pending_);
  if (permit) pending_->drop();
}

// What could throw is the allocation of the post: there is nobody to tell then.
// NOLINTBEGIN(bugprone-exception-escape)
template <typename... Result>
void Completion<Result...>::operator()(std::exception_ptr error, Result... result) noexcept {
  const auto pending = std::move(pending_);
  const core::PostPermit permit(*pending);
  if (!permit) return;
  // Let go of before the permit, since the context may not be there after that.
  const auto executor = std::move(pending->executor);
  boost::asio::post(executor, [slot = pending->slot, handler = std::move(pending->handler),
                               error = std::move(error), ... result = std::move(result)]() mutable {
    if (slot.is_connected()) slot.clear();
    const core::CompletionScope scope;
    std::move(handler)(std::move(error), std::move(result)...);
  });
}
// NOLINTEND(bugprone-exception-escape)

}  // namespace bytestore::detail
