#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "core/call.hpp"

namespace bytestore::core {

/// The order of the calls of one store whose backend does its work on the calling thread.
///
/// Asynchronous writes run on the work threads one after another, as they were begun. A read, and
/// any blocking call, comes after the writes that were begun before it; when none of them is under
/// way, that costs one atomic read. Reads run side by side, and no write waits for them. Thread
/// safe; held by shared pointer, since the work threads may look at it once the store is gone.
class CallOrder : public std::enable_shared_from_this<CallOrder> {
 public:
  /// Does the work of one asynchronous call, on a work thread. Must not throw.
  using Work = std::function<void()>;

  CallOrder() = default;
  CallOrder(const CallOrder&) = delete;
  CallOrder& operator=(const CallOrder&) = delete;

  /// Runs `work` once all writes before it have run. It calls `write_done` once.
  void write(Work work);

  /// Runs `work` once all writes that were begun before it are done.
  void read(Work work);

  /// The write that is running has taken effect, or will not: what comes after need not wait for
  /// it any more.
  void write_done() noexcept { writes_.fetch_sub(1, std::memory_order_release); }

  /// Blocks until all writes that were begun before are done, or until `call` has to end.
  void wait_for_writes(const Call& call);

 private:
  /// What happens when its turn comes.
  struct Item {
    Work work;
    bool writes;
  };

  [[nodiscard]] bool is_writing() const noexcept {
    return writes_.load(std::memory_order_acquire) > 0;
  }
  void run_soon();
  void run_next();
  Work take_front();
  Work take_read();

  std::atomic<std::size_t> writes_{0};  // begun and not done
  std::mutex mutex_;
  std::deque<Item> queue_;  // writes, and reads that wait for them
  bool running_ = false;    // a work thread is at the queue, or will be
};

}  // namespace bytestore::core
