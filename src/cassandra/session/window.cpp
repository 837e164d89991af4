#include "cassandra/session/window.hpp"

#include <utility>

namespace bytestore::cassandra {
namespace {

/// Bytes a second, before a rate was seen. What is sent is known, and large values are sent on slow
/// links too; what is answered is a guess, which at first is 1 MiB whatever comes.
constexpr double kUnseenRequestRate = 0x1.8p17;
constexpr double kUnseenAnswerRate = 0x1.8p22;

/// The window that this thread is sending for. A request that is done at once releases its place in
/// the middle of that, which must not go deeper.
thread_local const Window* sending = nullptr;

void end(ByteBudget& budget, const Window::Completion& answer, const ByteBudget::Stamp& stamp,
         std::size_t bytes, std::size_t actual) noexcept {
  if (answer.arrived) return budget.arrived(stamp, bytes, actual, answer.now);
  if (answer.kind == Window::Completion::Kind::timed_out) {
    return budget.timed_out(stamp, bytes, answer.now);
  }
  budget.dropped(bytes);
}

}  // namespace

std::vector<std::shared_ptr<Window::Sender>> Window::waiting() {
  const std::lock_guard lock(mutex_);
  watched_ = false;  // if there is no memory for them, the next who waits has them looked after
  auto all = waiting_.all();
  watched_ = !all.empty();
  return all;
}

void Window::Queue::push(std::shared_ptr<Sender> sender) noexcept {
  Sender* const added = sender.get();
  (last_ == nullptr ? first_ : last_->next_) = std::move(sender);
  last_ = added;
}

std::shared_ptr<Window::Sender> Window::Queue::pop() noexcept {
  auto sender = std::move(first_);
  first_ = std::move(sender->next_);
  if (first_ == nullptr) last_ = nullptr;
  return sender;
}

std::vector<std::shared_ptr<Window::Sender>> Window::Queue::all() const {
  std::vector<std::shared_ptr<Sender>> senders;
  for (const auto* next = &first_; *next != nullptr; next = &(*next)->next_) {
    senders.push_back(*next);
  }
  return senders;
}

bool Window::begins_watch() noexcept {
  return watch_ && !waiting_.empty() && !std::exchange(watched_, true);
}

bool Window::queue(std::shared_ptr<Sender> sender) noexcept {
  bool room = false;
  bool watch = false;
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(sender->queued_, true)) waiting_.push(std::move(sender));
    room = has_room();
    watch = !room && begins_watch();
  }
  if (watch) watch_();
  return room;
}

Window::Ticket Window::charge(const Bytes& bytes, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Ticket ticket{.bytes = bytes,
                .request = request_bytes_.sent(bytes.request, now),
                .answer = answer_bytes_.sent(bytes.answer, now)};
  ticket.patience = request_bytes_.patience() + answer_bytes_.patience();
  ticket.expected =
      request_bytes_.expected(kUnseenRequestRate) + answer_bytes_.expected(kUnseenAnswerRate);
  return ticket;
}

void Window::count(const Completion& answer) noexcept {
  const bool full = in_flight_ >= limit_.requests();
  --in_flight_;
  const Ticket& ticket = answer.ticket;
  end(request_bytes_, answer, ticket.request, ticket.bytes.request, ticket.bytes.request);
  end(answer_bytes_, answer, ticket.answer, ticket.bytes.answer, answer.answer_bytes);
  switch (answer.kind) {
    case Completion::Kind::good:
      return limit_.answered(answer.workload, answer.latency, full);
    case Completion::Kind::congested:
    case Completion::Kind::timed_out:
      return limit_.congested(in_flight_);
    case Completion::Kind::other:
      return limit_.ended();
  }
}

void Window::release(const Completion& answer) noexcept {
  std::unique_lock lock(mutex_);
  count(answer);
  send(std::move(lock));
}

Window::Load Window::load() const {
  const std::lock_guard lock(mutex_);
  return {.in_flight = in_flight_, .limit = limit_.requests()};
}

void Window::send() noexcept { send(std::unique_lock(mutex_)); }

void Window::send(std::unique_lock<std::mutex> lock) noexcept {
  if (sending == this) return;
  const Window* const outer = std::exchange(sending, this);
  while (has_room() && !waiting_.empty()) {
    auto sender = waiting_.pop();
    sender->queued_ = false;
    ++in_flight_;
    lock.unlock();
    const SendResult result = sender->send_one();
    if (!result.more) {
      sender.reset();
      lock.lock();
    } else {
      lock.lock();
      if (!std::exchange(sender->queued_, true)) waiting_.push(std::move(sender));
      // else another thread has queued it; that reference keeps it alive
    }
    if (!result.sent) --in_flight_;
  }
  const bool watch = begins_watch();
  lock.unlock();
  sending = outer;
  if (watch) watch_();
}

}  // namespace bytestore::cassandra
