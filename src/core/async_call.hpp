#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "bytestore/detail/completion.hpp"
#include "core/backend.hpp"
#include "core/call.hpp"
#include "core/gate.hpp"
#include "core/store.hpp"
#include "core/verbs.hpp"

namespace bytestore::core {

/// The completion of a verb whose `finish` returns this.
template <typename Out>
struct CompletionOf {
  using Type = detail::Completion<Out>;
};
template <>
struct CompletionOf<void> {
  using Type = detail::Completion<>;
};

/// One asynchronous call of a verb; `run_blocking` is the other form. It is inside the gate of its
/// store until its handler is posted, and owns itself once it is launched.
template <Verb V>
class AsyncCall final : public Sink<typename V::Result> {
 public:
  using Result = V::Result;
  using Out = decltype(std::declval<V&>().finish(std::declval<Result>()));
  using Completion = CompletionOf<Out>::Type;

  /// Makes a call of the verb with these arguments and starts it; what that throws goes to the
  /// completion.
  template <typename... Arguments>
  static void launch(Completion completion, std::shared_ptr<Store> store,
                     const CallOptions& options, Arguments&&... arguments) noexcept {
    std::unique_ptr<AsyncCall> call;
    try {
      call = std::make_unique<AsyncCall>(std::move(store), options, completion.stop_token(),
                                         std::forward<Arguments>(arguments)...);
      call->verb_.check();
    } catch (...) {
      call.reset();
      return complete(completion, std::current_exception());
    }
    call->completion_.emplace(std::move(completion));
    AsyncCall* const self = call.release();  // `done` or a failing `begin` takes it back
    if (self->verb_.is_empty()) return self->done({});
    try {
      self->dispatch();
    } catch (...) {
      self->fail(std::current_exception());
    }
  }

  /// For `launch`. \throws Error if the store is closed or forked, or the options are wrong.
  template <typename... Arguments>
  AsyncCall(std::shared_ptr<Store> store, const CallOptions& options, std::stop_token cancelled,
            Arguments&&... arguments)
      : store_(std::move(store)),
        pass_(store_->gate().enter()),
        call_(options, store_->gate().stop_token(), std::move(cancelled)),
        verb_(std::forward<Arguments>(arguments)...) {}
  AsyncCall(const AsyncCall&) = delete;
  AsyncCall& operator=(const AsyncCall&) = delete;
  ~AsyncCall() = default;

  void done(Result result) noexcept override {
    std::exception_ptr error;
    try {
      if constexpr (requires { verb_.is_unfinished(result); }) {
        if (verb_.is_unfinished(result)) return dispatch();  // behind the calls that wait
      }
      if constexpr (std::is_void_v<Out>) {
        verb_.finish(std::move(result));
        return deliver(nullptr);
      } else {
        return deliver(nullptr, verb_.finish(std::move(result)));
      }
    } catch (...) {
      error = std::current_exception();
    }
    fail(std::move(error));  // this thread has let go of it when the handler looks
  }

 private:
  static void complete(Completion& completion, std::exception_ptr error) noexcept {
    if constexpr (std::is_void_v<Out>) {
      completion(std::move(error));
    } else {
      completion(std::move(error), Out{});
    }
  }

  void dispatch() {
    if constexpr (V::kOrder == Order::write) {
      store_->dispatch_write(
          [this](WriteGroup* group) { group != nullptr ? run(*group) : run(store_->backend()); });
    } else if constexpr (V::kOrder == Order::read) {
      store_->dispatch_read([this] { run(store_->backend()); });
    } else {
      store_->dispatch([this] { run(store_->backend()); });
    }
  }

  template <typename Target>
  void run(Target& target) noexcept {
    std::exception_ptr error;
    try {
      return verb_.begin(target, call_, *this);
    } catch (...) {
      error = std::current_exception();
    }
    fail(std::move(error));
  }

  void fail(std::exception_ptr error) noexcept {
    if constexpr (std::is_void_v<Out>) {
      deliver(std::move(error));
    } else {
      deliver(std::move(error), Out{});
    }
  }

  template <typename... Outs>
  void deliver(std::exception_ptr error, Outs... outs) noexcept {
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): `launch` has set it
    Completion completion = std::move(*completion_);
    // The arguments and what else the call held go before the handler can look. The gate is left
    // after the post, so that the handler's context may be destroyed once the store is closed.
    const std::shared_ptr<Store> store = std::move(store_);
    const Gate::Pass pass = std::move(pass_);
    std::unique_ptr<AsyncCall>(this).reset();
    completion(std::move(error), std::move(outs)...);
  }

  std::shared_ptr<Store> store_;
  Gate::Pass pass_;
  Call call_;
  V verb_;
  std::optional<Completion> completion_;
};

}  // namespace bytestore::core
