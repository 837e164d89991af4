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

template <typename... Result>
void Completion<Result...>::operator()(std::exception_ptr error, Result... result) noexcept {
  auto pending = std::move(pending_);
  pending->result = {std::move(error), std::move(result)...};
  core::post_handler(std::move(pending));
}

template <typename... Result>
void Completion<Result...>::Pending::post(const std::shared_ptr<PendingHandler>& self) {
  boost::asio::post(executor,
                    [pending = std::static_pointer_cast<Pending>(self)] { pending->run(); });
  executor = nullptr;
}

template <typename... Result>
void Completion<Result...>::Pending::run() {
  if (slot.is_connected()) slot.clear();
  const core::CompletionScope scope;
  std::apply(std::move(handler), std::move(result));
}

}  // namespace bytestore::detail
