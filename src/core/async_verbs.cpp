#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "bytestore/async.hpp"
#include "core/async_call.hpp"
#include "core/keys.hpp"
#include "core/results.hpp"
#include "core/runtime.hpp"
#include "core/store.hpp"

namespace bytestore::core {
namespace {

using AsyncRead = AsyncCall<ReadResult, ByteStore::Values>;
using AsyncWrite = AsyncCall<WriteResult>;

class AsyncMget final : public AsyncRead {
 public:
  AsyncMget(std::shared_ptr<Store> store, const CallOptions& options, std::vector<std::string> keys,
            std::stop_token cancelled)
      : AsyncRead(std::move(store), options, std::move(cancelled)),
        keys_(std::move(keys)),
        views_(keys_.begin(), keys_.end()) {
    check_keys(views_);
  }

 private:
  void begin() override { views_.empty() ? done({}) : backend().mget(views_, call(), *this); }
  std::tuple<ByteStore::Values> finish(ReadResult result) override {
    return finish_read(views_, std::move(result));
  }

  std::vector<std::string> keys_;
  std::vector<std::string_view> views_;
};

class AsyncMset final : public AsyncWrite {
 public:
  AsyncMset(std::shared_ptr<Store> store, const CallOptions& options, std::vector<Entry> entries,
            std::stop_token cancelled)
      : AsyncWrite(std::move(store), options, std::move(cancelled)),
        entries_(std::move(entries)),
        list_(entries_),
        stored_(list_.view()) {
    check_keys(list_.view());
  }

 private:
  void begin() override {
    if (stored_.view().empty()) return done({});
    if (group() != nullptr) return group()->mset(stored_.view(), call(), *this);
    backend().mset(stored_.view(), call(), *this);
  }
  std::tuple<> finish(WriteResult result) override {
    finish_write("mset", entries_.size(), std::move(result));
    return {};
  }

  std::vector<Entry> entries_;
  EntryList list_;
  StoredEntries stored_;
};

class AsyncMdelete final : public AsyncWrite {
 public:
  AsyncMdelete(std::shared_ptr<Store> store, const CallOptions& options,
               std::vector<std::string> keys, std::stop_token cancelled)
      : AsyncWrite(std::move(store), options, std::move(cancelled)),
        keys_(std::move(keys)),
        views_(keys_.begin(), keys_.end()) {
    check_keys(views_);
  }

 private:
  void begin() override {
    if (views_.empty()) return done({});
    if (group() != nullptr) return group()->mdelete(views_, call(), *this);
    backend().mdelete(views_, call(), *this);
  }
  std::tuple<> finish(WriteResult result) override {
    finish_write("mdelete", keys_.size(), std::move(result));
    return {};
  }

  std::vector<std::string> keys_;
  std::vector<std::string_view> views_;
};

class AsyncEstimate final : public AsyncCall<EstimateResult, std::uint64_t> {
 public:
  AsyncEstimate(std::shared_ptr<Store> store, const CallOptions& options, std::stop_token cancelled)
      : AsyncCall(std::move(store), options, std::move(cancelled)) {}

 private:
  void begin() override { backend().estimate_keys(call(), *this); }
  std::tuple<std::uint64_t> finish(EstimateResult result) override {
    return finish_estimate(std::move(result));
  }
};

/// The end of a store, waited for by a handler. Cancelling it means no more patience.
class CloseOperation : public std::enable_shared_from_this<CloseOperation> {
 public:
  CloseOperation(std::shared_ptr<Store> store, detail::WriteCompletion completion)
      : store_(std::move(store)),
        pass_(store_->closes().enter()),
        completion_(std::move(completion)),
        patience_(Runtime::instance().timers()),
        impatient_(completion_.stop_token(), Interrupt{*store_}) {}

  void start(std::chrono::milliseconds deadline) {
    store_->gate().shut();
    patience_.expires_after(bounded_wait(deadline));
    patience_.async_wait([weak = weak_from_this()](const boost::system::error_code&) {
      if (const auto self = weak.lock()) self->store_->gate().interrupt();
    });
    store_->gate().when_idle([self = shared_from_this()] {
      boost::asio::post(Runtime::instance().work(), [self] { self->finish(); });
    });
  }

 private:
  struct Interrupt {
    Store& store;
    void operator()() const noexcept { store.gate().interrupt(); }
  };

  void finish() noexcept {
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
  boost::asio::steady_timer patience_;
  std::stop_callback<Interrupt> impatient_;
};

}  // namespace
}  // namespace bytestore::core

namespace bytestore::detail {

boost::asio::any_io_executor callback_executor(const core::Store& store) {
  return store.callback_executor();
}

void start_mget(std::shared_ptr<core::Store> store, std::vector<std::string> keys,
                const CallOptions& options, ReadCompletion completion) {
  core::AsyncRead::launch<core::AsyncMget>(std::move(completion), std::move(store), options,
                                           std::move(keys));
}

void start_mset(std::shared_ptr<core::Store> store, std::vector<Entry> entries,
                const CallOptions& options, WriteCompletion completion) {
  core::AsyncWrite::launch<core::AsyncMset>(std::move(completion), std::move(store), options,
                                            std::move(entries));
}

void start_mdelete(std::shared_ptr<core::Store> store, std::vector<std::string> keys,
                   const CallOptions& options, WriteCompletion completion) {
  core::AsyncWrite::launch<core::AsyncMdelete>(std::move(completion), std::move(store), options,
                                               std::move(keys));
}

void start_estimate_keys(std::shared_ptr<core::Store> store, const CallOptions& options,
                         EstimateCompletion completion) {
  core::AsyncEstimate::launch<core::AsyncEstimate>(std::move(completion), std::move(store),
                                                   options);
}

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
