#include "core/store.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "bytestore/async.hpp"
#include "core/runtime.hpp"

namespace bytestore::core {

void refuse_in_completion(std::string_view verb) {
  if (!in_completion()) return;
  throw Error(ErrorCode::invalid_argument,
              fmt::format("{} blocks and was called from a completion, where it would hold up the "
                          "completions behind it; call a{} there",
                          verb, verb));
}

Store::Store(std::unique_ptr<Backend> backend, std::shared_ptr<const CallbackExecutor> executor)
    : backend_(std::move(backend)),
      order_(backend_->runs_inline() ? std::make_shared<CallOrder>(*backend_) : nullptr),
      executor_(std::move(executor)) {}

Store::~Store() {
  if (gate_.in_child()) leak(std::move(backend_));
}

void Store::close(std::chrono::milliseconds deadline) {
  refuse_in_completion("close");
  if (gate_.in_child()) throw used_after_fork();
  gate_.shut();
  if (!gate_.wait_idle(deadline)) {
    gate_.interrupt();
    gate_.wait_idle();
  }
  release_backend();
}

void Store::abandon() noexcept {
  if (gate_.in_child()) return;
  gate_.shut();
  gate_.interrupt();
  gate_.wait_idle();
  closes_.shut();
  closes_.wait_idle();
  try {
    release_backend();
  } catch (...) {  // NOLINT(bugprone-empty-catch): a destructor has nobody to tell; `close` does
  }
}

void Store::release_backend() {
  // An exception must not leave `call_once`: the next caller would close the backend again.
  std::exception_ptr error;
  std::call_once(backend_closed_, [&] {
    try {
      backend_->close();
    } catch (...) {
      error = std::current_exception();
    }
  });
  if (error) std::rethrow_exception(error);
}

// Where work runs at once, it may end with the last owner of this store.

void Store::dispatch(const CallOrder::Work& work) {
  if (order_ == nullptr) return work();
  run_on_work_thread(work);
}

void Store::dispatch_read(const CallOrder::Work& work) {
  if (order_ == nullptr) return work();
  order_->read(work);
}

void Store::dispatch_write(CallOrder::WriteWork work) {
  if (order_ == nullptr) return work(nullptr);
  order_->write(std::move(work));
}

void Store::wait_for_writes(const Call& call) {
  if (order_ != nullptr) order_->wait_for_writes(call);
}

boost::asio::any_io_executor Store::callback_executor() const {
  return executor_ ? executor_->get() : Runtime::instance().callbacks();
}

}  // namespace bytestore::core
