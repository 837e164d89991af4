#pragma once

#include <atomic>
#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <memory>
#include <mutex>

#include "bytestore/detail/pending_handler.hpp"
#include "core/fork.hpp"

namespace bytestore::core {

/// The handlers of one execution context whose operations are under way. Thread safe.
class PendingHandlers {
 public:
  using Handler = std::shared_ptr<detail::PendingHandler>;

  /// Counts `handler` among those of `context`, until its operation takes a `PostPermit` or the
  /// context ends. Drops it at once if the context has ended.
  static void add(const Handler& handler, boost::asio::execution_context& context);

  /// Drops all handlers: the context ends. Those that are being posted are waited for; operations
  /// that are done later find nothing to post. In a forked child nothing happens.
  void end() noexcept;

 private:
  friend class PostPermit;
  using List = boost::intrusive::list<detail::PendingHandler>;

  void add(const Handler& handler) noexcept;
  bool begin_post(detail::PendingHandler& handler) noexcept;
  void end_post() noexcept;

  ForkGuard process_;
  std::mutex mutex_;
  bool ended_ = false;
  List handlers_;
  std::atomic<std::size_t> posting_{0};  // counts up under the mutex
};

/// The right of an operation that is done to post its handler, whose context does not end
/// meanwhile.
class PostPermit {
 public:
  explicit PostPermit(detail::PendingHandler& handler) noexcept;
  ~PostPermit();
  PostPermit(const PostPermit&) = delete;
  PostPermit& operator=(const PostPermit&) = delete;

  /// Whether there is such a right: not if the context has ended, and dropped the handler.
  explicit operator bool() const noexcept { return granted_; }

  /// Counts `handler`, which could not be posted, among those of its context again.
  void give_back(const PendingHandlers::Handler& handler) noexcept;

 private:
  std::shared_ptr<PendingHandlers> home_;
  bool granted_ = true;
};

/// Makes what `post_handler` needs if there is no memory then.
/// \throws std::bad_alloc; Error `io` if a thread cannot be made.
void prepare_to_post_later();

/// Posts the handler of an operation that is done: now or, if there is no memory for it, soon after
/// there is some. Not if its context has ended.
void post_handler(PendingHandlers::Handler handler) noexcept;

}  // namespace bytestore::core
