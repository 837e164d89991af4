#pragma once

#include <nanobind/nanobind.h>

#include <exception>
#include <memory>
#include <stop_token>
#include <utility>

#include "interpreter.hpp"
#include "kept_objects.hpp"
#include "results.hpp"

namespace bytestore::python {

/// A call in flight, as Python holds it.
class Operation {
 public:
  /// Cancels the call. It is harmless after the call has ended.
  void cancel() noexcept { stop_.request_stop(); }
  [[nodiscard]] std::stop_token stop_token() const noexcept { return stop_.get_token(); }

 private:
  std::stop_source stop_;
};

/// Passes the outcome of one call to `settle(result, error)` in an event loop, by
/// `loop.call_soon_threadsafe`. Nothing happens if the loop is closed by then, or the interpreter
/// is ending. One of `result` and `error` is None.
class Promise {
 public:
  /// The caller holds the interpreter lock.
  Promise(const nanobind::handle& loop, const nanobind::handle& settle)
      : loop_(Py_NewRef(loop.ptr())), settle_(Py_NewRef(settle.ptr())) {}
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;
  ~Promise();

  /// Must be called once, on any thread, without the interpreter lock. `make` makes the result with
  /// the lock.
  template <typename Make>
  void settle(const std::exception_ptr& error, Make make) noexcept {
    const Interpreter interpreter;
    if (!interpreter.entered()) return;
    try {
      if (error) {
        deliver(nanobind::none(), to_python(error));
      } else {
        deliver(make(), nanobind::none());
      }
    } catch (...) {  // for instance out of memory
      deliver_failure(std::current_exception());
    }
    let_go();
    release_put_aside();
  }

 private:
  void deliver(const nanobind::object& result, const nanobind::object& error);
  void deliver_failure(const std::exception_ptr& error) noexcept;
  void let_go() noexcept;

  PyObject* loop_;
  PyObject* settle_;
};

/// Returns a handler of a verb that keeps `promise` and makes its result by `make(result...)`. It
/// has no associated executor, so it runs on the store's: waiting for the interpreter lock there
/// delays no request.
template <typename... Result, typename Make>
auto settling(const nanobind::handle& loop, const nanobind::handle& settle, Make make) {
  Interpreter::check_that_it_completes();
  return [promise = std::make_shared<Promise>(loop, settle), make = std::move(make)](
             const std::exception_ptr& error, const Result&... result) {
    promise->settle(error, [&] { return nanobind::object(make(result...)); });
  };
}

}  // namespace bytestore::python
