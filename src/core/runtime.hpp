#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "core/fork.hpp"

namespace bytestore::core {

/// The threads that all stores of a process share.
///
/// Made on first use and never destroyed: user code may still be running on them when static
/// objects are. A forked child makes its own.
class Runtime {
 public:
  static Runtime& instance();

  /// Runs the asynchronous requests of backends that block the thread they are called on. No user
  /// code.
  boost::asio::any_io_executor work() { return work_.get_executor(); }

  /// Rings timers. One thread that nothing blocks, so that a deadline does not wait behind the
  /// requests that it ends. No user code.
  boost::asio::any_io_executor timers() { return timers_.get_executor(); }

  /// Runs completions whose handlers and stores bring no executor of their own. One thread, so that
  /// such handlers need no locks among themselves.
  boost::asio::any_io_executor callbacks() { return callbacks_.get_executor(); }

 private:
  Runtime();

  ForkGuard home_;
  boost::asio::thread_pool work_;
  boost::asio::thread_pool timers_;
  boost::asio::thread_pool callbacks_;
};

/// Whether the current thread is running a completion, where a blocking verb must not wait.
[[nodiscard]] bool in_completion() noexcept;

/// Marks the current thread as running a completion.
class CompletionScope {
 public:
  CompletionScope() noexcept;
  ~CompletionScope();
  CompletionScope(const CompletionScope&) = delete;
  CompletionScope& operator=(const CompletionScope&) = delete;
};

}  // namespace bytestore::core
