#pragma once

#include <bytestore-driver/src/bridge.rs.h>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "cassandra/driver/bridge_conversions.hpp"
#include "cassandra/driver/port.hpp"
#include "cassandra/driver/tsan_annotations.hpp"
#include "core/runtime.hpp"

// What crosses to the driver crate, and is called there.
namespace bytestore::cassandra {

std::shared_ptr<const Statement> to_port(rust::Box<bridge::Statement> statement);
std::unique_ptr<DriverSession> to_port(rust::Box<bridge::Session> session);

/// Marks the current thread as one of a driver.
class DriverScope {
 public:
  DriverScope() noexcept : outer_(std::exchange(on_driver, true)) {}
  ~DriverScope() { on_driver = outer_; }
  DriverScope(const DriverScope&) = delete;
  DriverScope& operator=(const DriverScope&) = delete;

  [[nodiscard]] static bool is_open() noexcept { return on_driver; }

 private:
  static inline thread_local bool on_driver = false;

  bool outer_;
  core::CompletionScope completion_;
};

/// Carries one outcome to its sink. Exactly once: its destruction is an outcome too.
template <typename Crossed, typename Delivered>
class Pending final : public bridge::Completion<Crossed> {
 public:
  explicit Pending(core::Sink<Result<Delivered>>& sink) noexcept : sink_(&sink) {
    tsan_release(this);
  }
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

  ~Pending() override {
    deliver([] {
      return DriverError{.code = DriverErrorCode::session_ended,
                         .message = "the session ended before the request did",
                         .maybe_sent = true};
    });
  }

  void succeed(rust::Box<Crossed> value) noexcept override {
    deliver([&value] { return to_port(std::move(value)); });
  }

  void fail(bridge::Failure failure) noexcept override {
    deliver([&failure] { return to_port(failure); });
  }

 private:
  template <typename Outcome>
  void deliver(Outcome outcome) noexcept {
    const TsanAcquire taken_over(this);
    auto* const sink = std::exchange(sink_, nullptr);
    if (sink == nullptr) return;
    const DriverScope scope;
    sink->done(guarded(outcome));
  }

  template <typename Outcome>
  static Result<Delivered> guarded(Outcome& outcome) noexcept {
    try {
      return Result<Delivered>(outcome());
    } catch (const std::exception&) {  // out of memory; an empty message needs none
      return DriverError{.maybe_sent = true};
    }
  }

  core::Sink<Result<Delivered>>* sink_;
};

class PostedTask final : public bridge::Task {
 public:
  explicit PostedTask(std::function<void()> task) noexcept : task_(std::move(task)) {
    tsan_release(this);
  }

  void run() noexcept override {
    const TsanAcquire taken_over(this);
    const DriverScope scope;
    std::exchange(task_, nullptr)();
  }

 private:
  std::function<void()> task_;
};

/// What a session is given to call while it lives.
class CrossedHost final : public bridge::Host {
 public:
  CrossedHost(CredentialsFunction ask, DriverReport report)
      : ask_(std::move(ask)), report_(std::move(report)) {
    tsan_release(&order_);
  }

  [[nodiscard]] bridge::Credentials credentials() const noexcept override;
  void report(bridge::ReportKind kind, rust::Str message) const noexcept override;

 private:
  CredentialsFunction ask_;
  DriverReport report_;
  mutable char order_ = 0;  // for the sanitizer: calls come after the constructor
};

/// Asks the program's function; whatever it throws is a `std::exception` afterwards.
class AskedForAddresses final : public bridge::AddressFunction {
 public:
  explicit AskedForAddresses(bytestore::AddressFunction ask) noexcept : ask_(std::move(ask)) {}

  [[nodiscard]] rust::String reachable(rust::Str announced) const override {
    const DriverScope scope;
    try {
      return ask_({announced.data(), announced.size()});
    } catch (const std::exception&) {
      throw;
    } catch (...) {
      throw std::runtime_error("what it threw is no std::exception");
    }
  }

 private:
  bytestore::AddressFunction ask_;
};

/// Wakes a caller that does the work of the driver.
class CallerWaker final : public core::Waker {
 public:
  explicit CallerWaker(rust::Box<bridge::Waker> waker) noexcept : waker_(std::move(waker)) {}
  void wake() const noexcept override { waker_->wake(); }

 private:
  rust::Box<bridge::Waker> waker_;
};

/// Lets nothing that `begin` throws reach Rust; `rethrow` throws it afterwards.
class CrossedCall final : public bridge::BlockingCall {
 public:
  explicit CrossedCall(core::BlockingCall& call) noexcept : call_(call) { tsan_release(this); }

  void begin(bool drives) noexcept override {
    const TsanAcquire watched(this);
    std::optional<DriverScope> scope;
    if (drives) scope.emplace();
    try {
      call_.begin();
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  [[nodiscard]] bool is_done() noexcept override { return error_ || call_.is_done(); }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  core::BlockingCall& call_;
  std::exception_ptr error_;
};

}  // namespace bytestore::cassandra
