#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "cassandra/table/table.hpp"
#include "support/kept_log.hpp"
#include "unit/support/fake_driver.hpp"
#include "unit/support/fixed_window.hpp"
#include "unit/support/manual_timers.hpp"

namespace bytestore::cassandra {

/// Keeps what it was given, and that it was given once.
template <typename Result>
class KeepingSink final : public core::Sink<Result> {
 public:
  void done(Result result) noexcept override {
    const std::lock_guard lock(mutex_);
    EXPECT_FALSE(result_) << "completed twice";
    result_.emplace(std::move(result));
  }

  [[nodiscard]] bool is_done() const {
    const std::lock_guard lock(mutex_);
    return result_.has_value();
  }

  /// \throws std::bad_optional_access if it is not there yet.
  [[nodiscard]] const Result& result() const {
    const std::lock_guard lock(mutex_);
    return result_.value();
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Result> result_;
};

/// What was said instead of an answer, in these words.
inline DriverError refused(DriverErrorCode code, std::string message = "") {
  return {.code = code, .message = std::move(message), .maybe_sent = true};
}

/// A table on a fake driver, with a clock that the test moves.
class TableRig : public ::testing::Test {
 protected:
  /// Requests in flight, unless a test asks for another window.
  static constexpr std::size_t kWindow = 256;

  /// Before anything else, for other settings. Each key gets a request of its own unless `groups`
  /// says otherwise.
  void connect(SessionSettings settings, const WindowBounds& window = fixed(kWindow),
               const TableSettings& requests = {.groups = {.by_replicas = false}}) {
    requests_ = requests;
    auto driver = std::make_unique<FakeSession>();
    driver_ = driver.get();
    session_ =
        std::make_shared<SharedSession>(std::move(driver), std::move(settings), timers_, window);
    table_ = make_table();
    table_->setup().skip();
  }

  /// The same by default, with a log.
  std::shared_ptr<testing::KeptLog> connect_with_log() {
    const auto log = std::make_shared<testing::KeptLog>();
    connect({.log = [log](std::string_view message) { log->add(message); }});
    return log;
  }

  void SetUp() override { connect({}); }

  /// Answers that the table has no masks, and that nothing more can be said of it.
  void check_table_out() {
    driver().take().answer();
    driver().take().answer();
  }

  [[nodiscard]] std::shared_ptr<Table> make_table() const {
    return std::make_shared<Table>(session_, TableName{.keyspace = "app", .table = "kv"},
                                   requests_);
  }

  [[nodiscard]] core::Call call(CallOptions options = {}) const {
    return {options, closing_.get_token()};
  }

  [[nodiscard]] static DriverError failure(DriverErrorCode code, bool maybe_sent = true) {
    return {.code = code, .message = "the driver's words", .maybe_sent = maybe_sent};
  }

  FakeSession& driver() { return *driver_; }

  TableSettings requests_;
  ManualTimers timers_;
  std::stop_source closing_;
  FakeSession* driver_ = nullptr;
  std::shared_ptr<SharedSession> session_;
  std::shared_ptr<Table> table_;
};

}  // namespace bytestore::cassandra
