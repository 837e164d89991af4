#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/error.hpp"
#include "cassandra/distinct_keys.hpp"
#include "cassandra/interruption.hpp"
#include "cassandra/lazy_statement.hpp"
#include "cassandra/outcomes.hpp"
#include "cassandra/table.hpp"
#include "core/call.hpp"

namespace bytestore::cassandra {

/// One `mget`, `mset` or `mdelete`: a request for each key, through the window of the session,
/// tried again where that may help, until each key has succeeded or failed or the call is
/// interrupted. Completes once, on a thread of the driver or the library or on the one that
/// interrupts it.
///
/// Keys and values are the caller's: they are looked at only before the completion.
class KeyedCall : public Window::Sender,
                  public Interruptible,
                  public std::enable_shared_from_this<KeyedCall> {
 public:
  /// Keys of one call that may be begun and not finished: in flight, or waiting for their next
  /// attempt. Bounds what a call holds while the servers are in trouble.
  static constexpr std::size_t kMaxOpen = kWindowRequests;

  KeyedCall(const KeyedCall&) = delete;
  KeyedCall& operator=(const KeyedCall&) = delete;
  ~KeyedCall() override;

  void start(const core::Call& call);

  Window::Turn send_one() noexcept final;
  void cancel() noexcept final;

 protected:
  KeyedCall(std::shared_ptr<Table> table, DistinctKeys keys, Effect effect);

  [[nodiscard]] Table& table() const noexcept { return *table_; }

  [[nodiscard]] virtual LazyStatement& statement() const noexcept = 0;
  [[nodiscard]] virtual std::string_view key(std::size_t position) const noexcept = 0;
  /// For messages, e.g. "reading".
  [[nodiscard]] virtual std::string_view doing() const noexcept = 0;
  /// What the statement binds after the key, if it binds more.
  [[nodiscard]] virtual std::optional<Value> second_value(std::size_t) const noexcept {
    return std::nullopt;
  }
  /// Under the lock of this object; `value` is what a read found.
  virtual void succeed(std::size_t, std::optional<Bytes>) noexcept {}
  /// Once, holding no lock; `failures` are in order.
  virtual void complete(std::vector<KeyFailure> failures, std::optional<Error> error) noexcept = 0;

  [[nodiscard]] const DistinctKeys& keys() const noexcept { return keys_; }

 private:
  class Request;
  using Clock = core::Call::Clock;

  /// Why the call ends before all its keys have.
  struct Ending {
    ErrorCode code;
    std::string message;         ///< of keys that are not on their way
    std::string message_on_way;  ///< of keys that are
    std::optional<Error> error;  ///< instead of failures of keys
  };

  void ask_for_statement();
  void take(const LazyStatement::Prepared& prepared) noexcept;
  void ring() noexcept;
  void end(Ending ending) noexcept;
  void attempted(std::unique_ptr<Request> request, Result<Rows> result) noexcept;
  void transmit(std::unique_ptr<Request> request) noexcept;
  void pick_replicas(const Request& request, std::vector<NodeId>& replicas) const;
  void complete_if_due() noexcept;

  // Under the lock.
  [[nodiscard]] bool has_work() const noexcept;
  std::unique_ptr<Request> next_request();
  void try_again_or_fail(std::unique_ptr<Request> request, const DriverError& error);
  void fail(const Request& request, ErrorCode code, std::string message);
  void fail_by_ending(const Request& request);
  void close(const Request& request) noexcept;
  void set_alarm();

  std::vector<KeyFailure> all_failures();

  std::shared_ptr<Table> table_;
  DistinctKeys keys_;
  Effect effect_;
  std::optional<std::int64_t> timestamp_;
  std::unique_ptr<const Topology> topology_;
  Clock::time_point deadline_ = Clock::time_point::max();

  std::mutex mutex_;
  std::shared_ptr<const Statement> statement_;
  std::size_t next_ = 0;                        // the first key that was not begun
  std::vector<Request*> open_;                  // begun and not finished
  std::deque<std::unique_ptr<Request>> ready_;  // to be tried again now
  std::multimap<Clock::time_point, std::unique_ptr<Request>> later_;
  std::vector<KeyFailure> failures_;
  std::optional<Ending> ending_;
  int sending_ = 0;  // threads that look at keys and values
  bool completed_ = false;
  std::unique_ptr<Alarm> alarm_;
  Clock::time_point alarm_time_ = Clock::time_point::max();
  std::shared_ptr<KeyedCall> self_;  // until it is completed

  Interruption interruption_;  // last: nobody cancels what is half destroyed
};

}  // namespace bytestore::cassandra
