#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <tuple>
#include <type_traits>
#include <utility>

#include "bytestore/detail/while_waiting.hpp"
#include "inline_executor.hpp"
#include "interpreter.hpp"
#include "kept_objects.hpp"
#include "results.hpp"

namespace bytestore::python {

/// Calls an asynchronous verb and waits for it, on any thread, without the interpreter lock. While
/// the main thread waits, it handles signals: if a handler raises (Ctrl-C), the verb is stopped,
/// the call waits for its end, and then raises the handler's exception.
template <typename... Result>
class Blocking {
 public:
  [[nodiscard]] std::stop_token stop_token() const noexcept { return stop_.get_token(); }

  /// `start(handler)` starts the verb, with `stop_token` in its options. The caller holds the
  /// interpreter lock. The verb may be left to itself: it needs nothing of this object.
  /// \throws nanobind::python_error what the verb could not be started for.
  template <typename Start>
  void begin(Start start) {
    attempt([&] {
      const Unlocked unlocked;
      start(handler());
    });
  }

  /// Waits for the verb that was begun, in the same process. Called once.
  /// \throws nanobind::python_error what the verb failed with, or what a signal handler raised.
  std::tuple<Result...> finish() {
    return attempt([this] {
      auto result = wait();
      release_put_aside();
      return result;
    });
  }

  /// Begins and finishes.
  template <typename Start>
  std::tuple<Result...> call(Start start) {
    begin(std::move(start));
    return finish();
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::exception_ptr error;
    std::tuple<Result...> result;
    bool done = false;
  };

  /// How long a signal may wait until it is handled.
  static constexpr std::chrono::milliseconds kMoment{50};

  template <typename Do>
  static auto attempt(Do act) {
    Interpreter::check_that_it_returns();
    try {
      return act();
    } catch (const nanobind::python_error&) {
      throw;
    } catch (...) {
      raise(std::current_exception());
    }
  }

  auto handler() {
    return boost::asio::bind_executor(InlineExecutor(),
                                      [state = state_](std::exception_ptr error, Result... result) {
                                        const std::lock_guard lock(state->mutex);
                                        state->error = std::move(error);
                                        state->result = {std::move(result)...};
                                        state->done = true;
                                        state->changed.notify_one();
                                      });
  }

  std::tuple<Result...> wait() {
    const int forks = Interpreter::forks();
    while (!is_done() && !wait_a_moment()) {
      const bool raised = PyErr_CheckSignals() != 0;
      if (forks != Interpreter::forks()) {  // this is the child of a handler that forked
        if (!raised) PyErr_SetString(PyExc_RuntimeError, "the process was forked during the call");
        throw nanobind::python_error();
      }
      if (!raised) continue;
      nanobind::python_error interruption;
      stop_.request_stop();
      while (!wait_a_moment()) {
      }
      throw std::move(interruption);
    }
    if (state_->error) std::rethrow_exception(state_->error);
    return std::move(state_->result);
  }

  /// The lock is held for a moment only, by threads that do not wait for the interpreter lock.
  [[nodiscard]] bool is_done() {
    const std::lock_guard lock(state_->mutex);
    return state_->done;
  }

  bool wait_a_moment() {
    const Unlocked unlocked;
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, kMoment, [this] { return state_->done; });
  }

  std::shared_ptr<State> state_ = std::make_shared<State>();
  std::stop_source stop_;
};

/// Handles signals while a blocking verb of the library waits on this thread. If a handler raises
/// (Ctrl-C), the verb is stopped, and the call raises the handler's exception after its end.
class WatchedCall {
 public:
  [[nodiscard]] std::stop_token stop_token() const noexcept { return stop_.get_token(); }

  /// Makes the call without the interpreter lock, with `stop_token` in the options of the verb, and
  /// returns its result. The caller holds the lock.
  /// \throws nanobind::python_error what the verb failed with, or what a signal handler raised.
  template <typename Call>
  auto make(Call call) {
    Interpreter::check_that_it_returns();
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
        watched(call);
        if (!raised_) return;
      } else {
        auto result = watched(call);
        if (!raised_) return result;
      }
    } catch (...) {
      if (!raised_) raise(std::current_exception());
    }
    throw std::move(*raised_);
  }

 private:
  template <typename Call>
  auto watched(Call& call) {
    Unlocked unlocked;
    const detail::WhileWaiting watch([&] { look(unlocked); });
    return call();
  }

  void look(Unlocked& unlocked) {
    if (raised_) return;
    const Unlocked::Pause locked(unlocked);
    const bool has_raised = PyErr_CheckSignals() != 0;
    const bool is_child = forks_ != Interpreter::forks();  // of a handler that forked
    if (!has_raised && !is_child) return;
    if (!has_raised) {
      PyErr_SetString(PyExc_RuntimeError, "the process was forked during the call");
    }
    raised_.emplace();
    if (is_child) throw nanobind::python_error(*raised_);  // nothing ends the wait
    stop_.request_stop();
  }

  const int forks_ = Interpreter::forks();
  std::stop_source stop_;
  std::optional<nanobind::python_error> raised_;
};

/// Makes a call of the library that may wait, without the interpreter lock, and returns its result.
/// \throws nanobind::python_error what it failed with.
template <typename Call>
auto unlocked(Call call) {
  Interpreter::check_that_it_returns();
  try {
    const Unlocked unlocked;
    return call();
  } catch (...) {
    raise(std::current_exception());
  }
}

}  // namespace bytestore::python
