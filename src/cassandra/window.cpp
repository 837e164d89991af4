#include "cassandra/window.hpp"

#include <utility>

namespace bytestore::cassandra {
namespace {

/// The window that this thread is sending for. A request that is done at once releases its place in
/// the middle of that, which must not go deeper.
thread_local const Window* sending = nullptr;

}  // namespace

bool Window::queue(std::shared_ptr<Sender> sender) {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(sender->queued_, true)) waiting_.push_back(std::move(sender));
  return has_room();
}

void Window::release(const Answer& answer) noexcept {
  {
    const std::lock_guard lock(mutex_);
    const bool full = in_flight_ >= limit_.requests();
    --in_flight_;
    bytes_ -= static_cast<std::int64_t>(answer.bytes);
    switch (answer.kind) {
      case Answer::Kind::good:
        limit_.answered(answer.workload, answer.latency, full);
        break;
      case Answer::Kind::congested:
        limit_.congested(in_flight_);
        break;
      case Answer::Kind::other:
        limit_.ended();
        break;
    }
  }
  send();
}

void Window::release() noexcept { release(Answer{}); }

Window::Load Window::load() const {
  const std::lock_guard lock(mutex_);
  return {.in_flight = in_flight_, .limit = limit_.requests()};
}

void Window::send() noexcept {
  if (sending == this) return;
  const Window* const outer = std::exchange(sending, this);
  std::unique_lock lock(mutex_);
  while (has_room() && !waiting_.empty()) {
    auto sender = std::move(waiting_.front());
    waiting_.pop_front();
    sender->queued_ = false;
    ++in_flight_;
    lock.unlock();
    const Turn turn = sender->send_one();
    if (!turn.more) {
      sender.reset();
      lock.lock();
    } else {
      lock.lock();
      if (!std::exchange(sender->queued_, true)) waiting_.push_back(std::move(sender));
      // else another thread has queued it; that reference keeps it alive
    }
    if (turn.sent) {
      bytes_ += static_cast<std::int64_t>(turn.bytes);
    } else {
      --in_flight_;
    }
  }
  lock.unlock();
  sending = outer;
}

}  // namespace bytestore::cassandra
