#include "core/call_order.hpp"

#include <boost/asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <stop_token>
#include <utility>

#include "core/runtime.hpp"

namespace bytestore::core {
namespace {

/// How long writes are taken into one group: about as long as making them durable takes, and short
/// for other stores, which have their turns on the work threads in between.
constexpr std::chrono::milliseconds kGroupTime{1};

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

void CallOrder::write(WriteWork work) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back({.write = std::move(work), .come = {}});
    writes_.fetch_add(1, std::memory_order_relaxed);
    if (std::exchange(running_, true)) return;
  }
  run_soon();
}

void CallOrder::read(const Work& work) {
  if (is_writing()) {
    Work come = [work] { run_on_work_thread(work); };
    if (enqueue_behind_writes(come)) return;
  }
  run_on_work_thread(work);
}

void CallOrder::wait_for_writes(const Call& call) {
  if (!is_writing()) return;
  const auto turn = std::make_shared<Turn>();
  Work come = [turn] { turn->come(); };
  if (enqueue_behind_writes(come)) turn->wait(call);
}

bool CallOrder::enqueue_behind_writes(Work& come) {
  const std::lock_guard lock(mutex_);
  if (!is_writing()) return false;
  queue_.push_back({.write = {}, .come = std::move(come)});
  return true;
}

std::optional<CallOrder::Item> CallOrder::take() {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  std::optional<Item> front(std::move(queue_.front()));
  queue_.pop_front();
  return front;
}

void CallOrder::run_soon() noexcept {
  const auto self = shared_from_this();
  try {
    boost::asio::post(Runtime::instance().work(), [self] { self->run(); });
  } catch (const std::exception&) {  // out of memory: this thread does the work
    self->run();
  }
}

/// Null: each write is written by itself.
std::unique_ptr<WriteGroup> CallOrder::begin_group() noexcept {
  try {
    return backend_.begin_group();
  } catch (const std::exception&) {  // out of memory
    return nullptr;
  }
}

void CallOrder::run() noexcept {
  const auto until = Call::Clock::now() + kGroupTime;
  std::unique_ptr<WriteGroup> group;
  bool has_asked = false;
  std::size_t written = 0;
  const auto take_effect = [&] {
    if (group) group->take_effect();
    writes_.fetch_sub(std::exchange(written, 0), std::memory_order_release);
  };
  while (auto next = take()) {
    if (next->come) {
      take_effect();
      next->come();
      continue;
    }
    if (!std::exchange(has_asked, true)) group = begin_group();
    next->write(group.get());
    ++written;
    if (!group || !group->puts_off()) take_effect();
    if (Call::Clock::now() >= until) break;
  }
  take_effect();
  if (group) group->end();
  {
    const std::lock_guard lock(mutex_);
    running_ = !queue_.empty();
    if (!running_) return;
  }
  run_soon();
}

}  // namespace bytestore::core
