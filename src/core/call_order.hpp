#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "core/backend.hpp"
#include "core/call.hpp"

namespace bytestore::core {

/// The order of the calls of one store whose backend does its work on the calling thread.
///
/// Asynchronous writes run on the work threads one after another, as they were begun; those that
/// wait at the same time become durable together. A read, and any blocking call, comes after the
/// writes that were begun before it; when none of them is under way, that costs one atomic read.
/// Reads run side by side, and no write waits for them.
///
/// Thread safe. Held by shared pointer, since a work thread may look at it once the store is gone.
class CallOrder : public std::enable_shared_from_this<CallOrder> {
 public:
  /// What one asynchronous call does on a work thread, or a queued one when its turn comes. Must
  /// not throw.
  using Work = std::function<void()>;
  /// The same of a write: in the group, or by itself if that is null.
  using WriteWork = std::function<void(WriteGroup*)>;

  /// The backend is asked only while a write is queued.
  explicit CallOrder(Backend& backend) : backend_(backend) {}
  ~CallOrder() = default;
  CallOrder(const CallOrder&) = delete;
  CallOrder& operator=(const CallOrder&) = delete;

  // What these throw is thrown before `work` can run; it never does then.

  /// Runs `work` once all writes before it have run.
  void write(WriteWork work);

  /// Runs `work` once all writes that were begun before it have taken effect.
  void read(const Work& work);

  /// Blocks until all writes that were begun before have taken effect, or until `call` has to end.
  void wait_for_writes(const Call& call);

 private:
  /// One of the two.
  struct Item {
    WriteWork write;
    Work come;  // of what only waits for the writes before it
  };

  /// Whether writes were begun that have not taken effect.
  [[nodiscard]] bool is_writing() const noexcept {
    return writes_.load(std::memory_order_acquire) > 0;
  }
  /// False if no write is before it.
  bool enqueue_behind_writes(Work& come);
  std::optional<Item> take();
  std::unique_ptr<WriteGroup> begin_group() noexcept;
  void run_soon() noexcept;
  void run() noexcept;

  Backend& backend_;
  std::atomic<std::size_t> writes_{0};
  std::mutex mutex_;
  std::deque<Item> queue_;
  bool running_ = false;  // a work thread is at the queue, or will be
};

}  // namespace bytestore::core
