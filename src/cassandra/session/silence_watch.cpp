#include "cassandra/session/silence_watch.hpp"

#include <algorithm>
#include <exception>

namespace bytestore::cassandra {

std::vector<std::shared_ptr<Window::Sender>> SilenceWatch::waiting() {
  const std::lock_guard lock(mutex_);
  if (window_ == nullptr) return {};
  return window_->waiting();
}

void SilenceWatch::look() noexcept {
  try {
    const auto now = timers_.now();
    auto next = now + interval_;
    const auto senders = waiting();  // their session may end with the last of them
    if (senders.empty()) return;
    for (const auto& sender : senders) next = std::min(next, sender->end_if_silent(now));
    const std::lock_guard lock(mutex_);
    if (!timer_) {
      timer_ = timers_.timer([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->look();
      });
    }
    timer_->set(next);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): no thread for timers; then
  }  // only what is in flight ends in time
}

void SilenceWatch::stop() noexcept {
  const std::lock_guard lock(mutex_);
  window_ = nullptr;
  timer_.reset();
}

}  // namespace bytestore::cassandra
