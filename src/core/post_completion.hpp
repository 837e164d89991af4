#pragma once

/// How a completion posts its handler: for the files that instantiate `Completion`.

#include <boost/asio/post.hpp>

#include "bytestore/detail/completion.hpp"
#include "core/runtime.hpp"

namespace bytestore::detail {

// What could throw is the allocation of the post: there is nobody to tell then.
// NOLINTBEGIN(bugprone-exception-escape)
template <typename... Result>
void Completion<Result...>::operator()(std::exception_ptr error, Result... result) noexcept {
  const auto executor = std::move(executor_);
  boost::asio::post(executor, [slot = slot_, handler = std::move(handler_),
                               error = std::move(error), ... result = std::move(result)]() mutable {
    if (slot.is_connected()) slot.clear();
    const core::CompletionScope scope;
    std::move(handler)(std::move(error), std::move(result)...);
  });
}
// NOLINTEND(bugprone-exception-escape)

}  // namespace bytestore::detail
