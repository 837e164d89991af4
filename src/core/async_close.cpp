#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <stop_token>
#include <utility>

#include "bytestore/async.hpp"
#include "core/call.hpp"
#include "core/runtime.hpp"
#include "core/store.hpp"
#include "core/timers.hpp"

namespace bytestore::core {
namespace {

/// The end of a store, waited for by a handler. Cancelling it means no more patience.
///
/// It waits in turn for the calls, and for the requests that they have left behind at the backend;
/// no thread waits with it. It owns itself from `start` on.
class CloseOperation final : public IdleWaiter,
                             public std::enable_shared_from_this<CloseOperation> {
 public:
  CloseOperation(std::shared_ptr<Store> store, detail::WriteCompletion completion)
      : store_(std::move(store)),
        pass_(store_->closes().enter()),
        completion_(std::move(completion)),
        impatient_(completion_.stop_token(), Interrupt{*store_}) {}

  void start(std::chrono::milliseconds deadline) {
    patience_ = system_timers().timer([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->store_->gate().interrupt();
    });
    store_->gate().shut();
    patience_->set(Timer::Clock::now() + bounded_wait(deadline));
    self_ = shared_from_this();
    store_->gate().when_idle(*this);
  }

  void idle() noexcept override {
    if (!std::exchange(calls_have_ended_, true)) return store_->backend().when_idle(*this);
    try {
      // This may be a thread of the driver, and releasing a database takes its time.
      boost::asio::post(Runtime::instance().work(), [self = self_] { self->finish(); });
    } catch (const std::exception&) {  // out of memory
      finish();
    }
  }

 private:
  struct Interrupt {
    Store& store;
    void operator()() const noexcept { store.gate().interrupt(); }
  };

  void finish() noexcept {
    const std::shared_ptr<CloseOperation> self = std::move(self_);
    std::exception_ptr error;
    try {
      store_->release_backend();
    } catch (...) {
      error = std::current_exception();
    }
    completion_(error);
    [[maybe_unused]] const Gate::Pass leave = std::move(pass_);
  }

  std::shared_ptr<Store> store_;
  Gate::Pass pass_;
  detail::WriteCompletion completion_;
  std::unique_ptr<Timer> patience_;
  std::stop_callback<Interrupt> impatient_;
  bool calls_have_ended_ = false;
  std::shared_ptr<CloseOperation> self_;
};

}  // namespace
}  // namespace bytestore::core

namespace bytestore::detail {

void start_close(std::shared_ptr<core::Store> store, std::chrono::milliseconds deadline,
                 WriteCompletion completion) {
  try {
    store->closes().check_open();
  } catch (...) {
    return completion(std::current_exception());
  }
  std::make_shared<core::CloseOperation>(std::move(store), std::move(completion))->start(deadline);
}

}  // namespace bytestore::detail
