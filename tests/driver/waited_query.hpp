#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "core/arrival.hpp"
#include "core/blocking_call.hpp"
#include "core/waiting_sink.hpp"
#include "driver_test.hpp"

namespace bytestore::cassandra {

/// One request that is waited for on the thread that makes it.
class WaitedQuery final : public core::BlockingCall, public RowsSink {
 public:
  explicit WaitedQuery(DriverSession& session) : session_(session) {}

  void begin() override { session_.query(kQuery, kOne, *this); }
  [[nodiscard]] bool is_done() noexcept override { return answer_.arrival().has_happened(); }
  void wake_by(std::shared_ptr<const core::Waker> waker) noexcept override {
    answer_.arrival().wake_by(std::move(waker));
  }

  void done(Result<Rows> result) noexcept override {
    answered_on_ = std::this_thread::get_id();
    answer_.done(std::move(result));
  }

  /// Makes it, and returns the thread that was told the answer.
  std::thread::id make() {
    session_.begin_blocking(*this);
    value_of(answer_.wait());
    return answered_on_;
  }

  [[nodiscard]] DriverError wait_for_error() { return error_of(answer_.wait()); }

 private:
  DriverSession& session_;
  core::WaitingSink<Result<Rows>> answer_;
  std::thread::id answered_on_;
};

/// Makes calls until this thread does the work of the driver.
inline void make_calls_until_driving(DriverSession& session) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  while (WaitedQuery(session).make() != std::this_thread::get_id()) {
    if (std::chrono::steady_clock::now() > limit)
      throw std::runtime_error("no caller does the work of the driver");
  }
}

}  // namespace bytestore::cassandra
