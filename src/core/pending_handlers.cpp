#include "core/pending_handlers.hpp"

#include <chrono>
#include <mutex>
#include <utility>

#include "bytestore/detail/completion.hpp"
#include "core/per_process.hpp"
#include "core/timers.hpp"

namespace bytestore::core {
namespace {

/// By which a context tells that it ends, as it tells Asio's own objects.
class PendingHandlersService final : public boost::asio::execution_context::service {
 public:
  using key_type = PendingHandlersService;

  explicit PendingHandlersService(boost::asio::execution_context& context) : service(context) {}
  ~PendingHandlersService() override { handlers_->end(); }
  PendingHandlersService(const PendingHandlersService&) = delete;
  PendingHandlersService& operator=(const PendingHandlersService&) = delete;

  void shutdown() noexcept override { handlers_->end(); }

  [[nodiscard]] const std::shared_ptr<PendingHandlers>& handlers() const noexcept {
    return handlers_;
  }

 private:
  std::shared_ptr<PendingHandlers> handlers_ = std::make_shared<PendingHandlers>();
};

}  // namespace

void PendingHandlers::add(const Handler& handler, boost::asio::execution_context& context) {
  const auto& handlers = boost::asio::use_service<PendingHandlersService>(context).handlers();
  // Who holds its lock may not exist here, and its end drops nothing.
  if (handlers->process_.in_child()) return;
  handler->home_ = handlers;
  handler->home_->add(handler);
}

void PendingHandlers::add(const Handler& handler) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (!ended_) {
      handler->self_ = handler;
      handlers_.push_back(*handler);
      return;
    }
    handler->dropped_ = true;
  }
  handler->drop();
}

bool PendingHandlers::begin_post(detail::PendingHandler& handler) noexcept {
  Handler taken;  // is let go of after the lock is released
  const std::lock_guard lock(mutex_);
  if (handler.dropped_) return false;
  handlers_.erase(handlers_.iterator_to(handler));
  taken = std::move(handler.self_);
  ++posting_;
  return true;
}

void PendingHandlers::end_post() noexcept {
  if (--posting_ == 0) posting_.notify_all();
}

void PendingHandlers::end() noexcept {
  // Who held the lock or was posting when the process was forked does not exist here.
  if (process_.in_child()) return;
  List dropped;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    dropped.swap(handlers_);
    for (auto& handler : dropped) handler.dropped_ = true;
  }
  for (auto count = posting_.load(); count > 0; count = posting_.load()) posting_.wait(count);
  // Outside of the lock: what a handler owns may be a store, whose destructor waits for operations.
  while (!dropped.empty()) {
    const Handler handler = std::move(dropped.front().self_);
    dropped.pop_front();
    handler->drop();
  }
}

PostPermit::PostPermit(detail::PendingHandler& handler) noexcept : home_(std::move(handler.home_)) {
  if (home_) granted_ = home_->begin_post(handler);
}

void PostPermit::give_back(const PendingHandlers::Handler& handler) noexcept {
  if (!home_) return;
  handler->home_ = home_;
  home_->add(handler);
}

PostPermit::~PostPermit() {
  if (home_ && granted_) home_->end_post();
}

/// The handlers for whose posting there was no memory, and the timer by which it is tried again.
class PostLater {
 public:
  void add(PendingHandlers::Handler handler) noexcept {
    const std::lock_guard lock(mutex_);
    handler->next_ = std::move(first_);
    first_ = std::move(handler);
    timer_->set(Timer::Clock::now() + kMoment);
  }

 private:
  static constexpr std::chrono::milliseconds kMoment{10};

  void try_again() noexcept {
    PendingHandlers::Handler next;
    {
      const std::lock_guard lock(mutex_);
      next = std::move(first_);
    }
    while (next) {
      auto handler = std::exchange(next, std::move(next->next_));
      post_handler(std::move(handler));
    }
  }

  std::mutex mutex_;
  PendingHandlers::Handler first_;  // under the mutex
  std::unique_ptr<Timer> timer_ = system_timers().timer([this] { try_again(); });
};

namespace {

constinit PerProcess<PostLater> to_post_later;

/// Whether that is done with. `handler` is let go of then, before its context may end: else this
/// thread would be what keeps the user's handler when the context has dropped it.
bool try_to_post(PendingHandlers::Handler& handler) noexcept {
  PostPermit permit(*handler);
  if (!permit) return true;
  try {
    handler->post(handler);
    handler.reset();
    return true;
  } catch (...) {  // out of memory; or the executor is, of threads
    permit.give_back(handler);
    return false;
  }
}

}  // namespace

void prepare_to_post_later() { to_post_later.get(); }

void post_handler(PendingHandlers::Handler handler) noexcept {
  // It is there since the handler was made, unless the process was forked meanwhile.
  if (!try_to_post(handler)) to_post_later.get().add(std::move(handler));
}

}  // namespace bytestore::core

namespace bytestore::detail {

PendingHandler::PendingHandler() { core::prepare_to_post_later(); }
PendingHandler::~PendingHandler() = default;

void add_pending(const std::shared_ptr<PendingHandler>& handler,
                 boost::asio::execution_context& context) {
  core::PendingHandlers::add(handler, context);
}

}  // namespace bytestore::detail
