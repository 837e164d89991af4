#include "core/call_order.hpp"

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <stop_token>
#include <utility>

#include "core/runtime.hpp"

namespace bytestore::core {
namespace {

void run_on_work_thread(CallOrder::Work work) {
  boost::asio::post(Runtime::instance().work(), std::move(work));
}

/// Lets a blocking call wait for its turn.
class Turn {
 public:
  void come() {
    const std::lock_guard lock(mutex_);
    has_come_ = true;
    changed_.notify_all();
  }

  void wait(const Call& call) {
    const Wake wake{*this};
    const auto tokens = call.stop_tokens();
    const std::stop_callback caller(tokens[0], wake);
    const std::stop_callback store(tokens[1], wake);
    const std::stop_callback operation(tokens[2], wake);
    std::unique_lock lock(mutex_);
    const auto is_over = [&] { return has_come_ || call.interruption(); };
    if (call.deadline() == Call::Clock::time_point::max()) return changed_.wait(lock, is_over);
    changed_.wait_until(lock, call.deadline(), is_over);
  }

 private:
  struct Wake {
    Turn& turn;
    void operator()() const noexcept {
      const std::lock_guard lock(turn.mutex_);  // who looks before it was notified waits by then
      turn.changed_.notify_all();
    }
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  bool has_come_ = false;
};

}  // namespace

void CallOrder::write(Work work) {
  {
    const std::lock_guard lock(mutex_);
    writes_.fetch_add(1, std::memory_order_relaxed);
    queue_.push_back({.work = std::move(work), .writes = true});
    if (std::exchange(running_, true)) return;
  }
  run_soon();
}

void CallOrder::read(Work work) {
  if (is_writing()) {
    const std::lock_guard lock(mutex_);
    if (is_writing()) {
      Work come = [work = std::move(work)] { run_on_work_thread(work); };
      queue_.push_back({.work = std::move(come), .writes = false});
      return;
    }
  }
  run_on_work_thread(std::move(work));
}

void CallOrder::wait_for_writes(const Call& call) {
  if (!is_writing()) return;
  const auto turn = std::make_shared<Turn>();
  {
    const std::lock_guard lock(mutex_);
    if (!is_writing()) return;
    queue_.push_back({.work = [turn] { turn->come(); }, .writes = false});
  }
  turn->wait(call);
}

void CallOrder::run_soon() {
  run_on_work_thread([self = shared_from_this()] { self->run_next(); });
}

void CallOrder::run_next() {
  take_front()();  // a write
  while (auto come = take_read()) come();
  {
    const std::lock_guard lock(mutex_);
    running_ = !queue_.empty();
    if (!running_) return;
  }
  run_soon();  // behind what other stores have to do
}

CallOrder::Work CallOrder::take_front() {
  const std::lock_guard lock(mutex_);
  Work front = std::move(queue_.front().work);
  queue_.pop_front();
  return front;
}

CallOrder::Work CallOrder::take_read() {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty() || queue_.front().writes) return nullptr;
  }
  return take_front();  // nobody else takes any
}

}  // namespace bytestore::core
