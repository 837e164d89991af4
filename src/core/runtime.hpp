#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace bytestore::core {

/// Makes a thread. \throws Error `io` if the system makes none, and what to do about it.
std::thread make_thread(std::function<void()> body);

/// Threads that run what is posted to them, until they are destroyed.
class ThreadGroup {
 public:
  /// \throws as `make_thread`; then none is left.
  explicit ThreadGroup(std::size_t threads);
  ~ThreadGroup() { end(); }
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;

  [[nodiscard]] boost::asio::any_io_executor executor() { return context_.get_executor(); }

 private:
  void end() noexcept;

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stays_;
  std::vector<std::thread> threads_;
};

/// The threads that all stores of a process share, beside that of the timers. A forked child makes
/// its own.
class Runtime {
 public:
  /// Made on first use and never destroyed.
  /// \throws Error `io` if a thread cannot be made; the next call tries again.
  static Runtime& instance();

  Runtime();

  /// Runs the asynchronous requests of backends that block the thread they are called on. No user
  /// code.
  boost::asio::any_io_executor work() { return work_.executor(); }

  /// Runs completions whose handlers and stores bring no executor of their own. One thread, so that
  /// such handlers need no locks among themselves.
  boost::asio::any_io_executor callbacks() { return callbacks_.executor(); }

 private:
  ThreadGroup work_;
  ThreadGroup callbacks_;
};

/// Runs `work`, which must not throw, on a work thread; on this one if there is no memory to pass
/// it on.
void run_on_work_thread(const std::function<void()>& work) noexcept;

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
