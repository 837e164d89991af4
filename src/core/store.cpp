#include "core/store.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "bytestore/async.hpp"
#include "core/keys.hpp"
#include "core/results.hpp"
#include "core/runtime.hpp"
#include "core/waiting_sink.hpp"

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

ByteStore::Values Store::mget(std::span<const std::string_view> keys, const CallOptions& options) {
  refuse_in_completion("mget");
  const auto pass = gate_.enter();
  check_keys(keys);
  const Call call(options, gate_.stop_token());
  if (keys.empty()) return {};
  backend_->check_ready();
  wait_for_writes(call);
  WaitingSink<ReadResult> sink;
  backend_->mget(keys, call, sink);
  return finish_read(keys, sink.wait());
}

void Store::mset(std::span<const EntryRef> entries, const CallOptions& options) {
  refuse_in_completion("mset");
  const auto pass = gate_.enter();
  check_keys(entries);
  const Call call(options, gate_.stop_token());
  if (entries.empty()) return;
  backend_->check_ready();
  const StoredEntries stored(entries);
  wait_for_writes(call);
  WaitingSink<WriteResult> sink;
  backend_->mset(stored.view(), call, sink);
  finish_write("mset", entries.size(), sink.wait());
}

void Store::mdelete(std::span<const std::string_view> keys, const CallOptions& options) {
  refuse_in_completion("mdelete");
  const auto pass = gate_.enter();
  check_keys(keys);
  const Call call(options, gate_.stop_token());
  if (keys.empty()) return;
  backend_->check_ready();
  wait_for_writes(call);
  WaitingSink<WriteResult> sink;
  backend_->mdelete(keys, call, sink);
  finish_write("mdelete", keys.size(), sink.wait());
}

std::uint64_t Store::estimate_keys(const CallOptions& options) {
  refuse_in_completion("estimate_keys");
  const auto pass = gate_.enter();
  const Call call(options, gate_.stop_token());
  backend_->check_ready();
  WaitingSink<EstimateResult> sink;
  backend_->estimate_keys(call, sink);
  return finish_estimate(sink.wait());
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

void Store::dispatch(CallOrder::Work work) {
  if (order_ == nullptr) return work();
  boost::asio::post(Runtime::instance().work(), std::move(work));
}

void Store::dispatch_read(CallOrder::Work work) {
  if (order_ == nullptr) return work();
  order_->read(std::move(work));
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
