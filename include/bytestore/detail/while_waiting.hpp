#pragma once

#include <functional>

#include "bytestore/detail/abi_tag.hpp"

namespace bytestore::detail {

/// While the object lives, a blocking verb that waits on this thread for servers calls `look` about
/// every 50 milliseconds. It is for languages whose signals are handled on the thread that waits.
/// `look` may stop the verb by the stop token of its options, and may close its store. It may throw
/// only in a forked child, where nothing would end the wait; the verb then throws it at once.
///
/// Objects on one thread are destroyed in the reverse order of their making.
class WhileWaiting {
 public:
  explicit WhileWaiting(std::function<void()> look) noexcept;
  ~WhileWaiting();
  WhileWaiting(const WhileWaiting&) = delete;
  WhileWaiting& operator=(const WhileWaiting&) = delete;

  /// The function of the newest object on this thread, or null.
  [[nodiscard]] static const std::function<void()>* current() noexcept;

 private:
  std::function<void()> look_;
  const WhileWaiting* outer_;
};

}  // namespace bytestore::detail
