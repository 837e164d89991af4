#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <tuple>
#include <type_traits>
#include <utility>

#include "bytestore/detail/completion.hpp"
#include "core/backend.hpp"
#include "core/call.hpp"
#include "core/gate.hpp"
#include "core/store.hpp"

namespace bytestore::core {

/// One asynchronous request under way: it is inside the gate of its store until its handler is
/// posted, and owns itself once it is started. `Out` is what the handler receives.
template <typename Result, typename... Out>
class AsyncCall : public Sink<Result> {
 public:
  using Completion = detail::Completion<Out...>;

  virtual ~AsyncCall() = default;
  AsyncCall(const AsyncCall&) = delete;
  AsyncCall& operator=(const AsyncCall&) = delete;

  /// Makes an `Operation` and starts it; what its constructor throws goes to the completion.
  template <typename Operation, typename... Arguments>
  static void launch(Completion completion, Arguments&&... arguments) noexcept {
    std::unique_ptr<AsyncCall> operation;
    try {
      operation = std::make_unique<Operation>(std::forward<Arguments>(arguments)...,
                                              completion.stop_token());
    } catch (...) {
      return completion(std::current_exception(), Out{}...);
    }
    operation->completion_.emplace(std::move(completion));
    AsyncCall* self = operation.release();  // `done` or a failing `begin` takes it back
    self->dispatch();
  }

  void done(Result result) noexcept final {
    std::exception_ptr error;
    try {
      return std::apply([this](auto&&... out) { deliver(nullptr, std::move(out)...); },
                        finish(std::move(result)));
    } catch (...) {
      error = std::current_exception();
    }
    deliver(std::move(error), Out{}...);  // this thread has let go of it when the handler looks
  }

 protected:
  /// \throws Error if the store is closed or forked, or the options are wrong.
  AsyncCall(std::shared_ptr<Store> store, const CallOptions& options, std::stop_token cancelled)
      : store_(std::move(store)),
        pass_(store_->gate().enter()),
        call_(options, store_->gate().stop_token(), std::move(cancelled)) {}

  /// Asks the backend, with this object as the sink. May be asked again by `repeat`.
  virtual void begin() = 0;

  /// What the handler receives for a result. \throws Error to be handed to the handler instead.
  virtual std::tuple<Out...> finish(Result result) = 0;

  [[nodiscard]] Backend& backend() noexcept { return store_->backend(); }
  /// Of a write: what it is to be written in instead of the backend, unless that is null.
  [[nodiscard]] WriteGroup* group() const noexcept { return group_; }
  [[nodiscard]] const Call& call() const noexcept { return call_; }

 private:
  static constexpr bool kWrites = std::is_same_v<Result, WriteResult>;
  static constexpr bool kReads =
      std::is_same_v<Result, ReadResult> || std::is_same_v<Result, PageResult>;

  void dispatch() {
    if constexpr (kWrites) {
      store_->dispatch_write([this](WriteGroup* group) {
        group_ = group;
        run();
      });
    } else if constexpr (kReads) {
      store_->dispatch_read([this] { run(); });
    } else {
      store_->dispatch([this] { run(); });
    }
  }

  void run() noexcept {
    std::exception_ptr error;
    try {
      return begin();
    } catch (...) {
      error = std::current_exception();
    }
    deliver(std::move(error), Out{}...);
  }

  void deliver(std::exception_ptr error, Out... out) noexcept {
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): `launch` has set it
    Completion completion = std::move(*completion_);
    // The arguments and what else the call held go before the handler can look. The gate is left
    // after the post, so that the handler's context may be destroyed once the store is closed.
    const std::shared_ptr<Store> store = std::move(store_);
    const Gate::Pass pass = std::move(pass_);
    std::unique_ptr<AsyncCall>(this).reset();
    completion(std::move(error), std::move(out)...);
  }

  std::shared_ptr<Store> store_;
  Gate::Pass pass_;
  Call call_;
  WriteGroup* group_ = nullptr;
  std::optional<Completion> completion_;
};

}  // namespace bytestore::core
