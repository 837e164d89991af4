#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bytestore/error.hpp"
#include "cassandra/policy/batch_state.hpp"
#include "cassandra/policy/duplicate_keys.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/policy/request_groups.hpp"
#include "cassandra/table/lazy_statement.hpp"
#include "cassandra/table/table.hpp"
#include "cassandra/table/verb_counters.hpp"
#include "core/call.hpp"
#include "core/cancellation.hpp"

namespace bytestore::cassandra {

/// One `mget`, `mset` or `mdelete`: keys with the same replicas together in requests, through the
/// window of the session. Keys of a request that failed are tried again one by one where that may
/// help, until each key has succeeded or failed or the call is interrupted. Completes once, on a
/// thread of the driver or the library or on the one that interrupts it.
///
/// Keys and values are the caller's: they are looked at only before the completion.
///
/// It ends no later than `give_up_after` past the last sign of life of the session. A key that was
/// never sent is then certainly not written.
class BatchCall : public Window::Sender,
                  public core::Cancellable,
                  public std::enable_shared_from_this<BatchCall> {
 public:
  using Clock = core::Call::Clock;

  BatchCall(const BatchCall&) = delete;
  BatchCall& operator=(const BatchCall&) = delete;
  ~BatchCall() override;

  void start(const core::Call& call);

  Window::SendResult send_one() noexcept final;
  Clock::time_point end_if_silent(Clock::time_point now) noexcept final;
  void cancel() noexcept final;

 protected:
  BatchCall(std::shared_ptr<Table> table, UniqueKeys keys, Effect effect,
            VerbCounters TableCounters::* counters);

  [[nodiscard]] Table& table() const noexcept { return *table_; }

  /// What requests for one key and for several execute.
  [[nodiscard]] virtual LazyStatement& statement() const noexcept = 0;
  [[nodiscard]] virtual LazyStatement& group_statement() const noexcept = 0;
  [[nodiscard]] virtual std::string_view key(std::size_t position) const noexcept = 0;
  /// For messages, e.g. "reading".
  [[nodiscard]] virtual std::string_view operation() const noexcept = 0;
  /// What a request may have now.
  [[nodiscard]] virtual RequestGroups::Limits limits() const noexcept = 0;
  /// What a key adds to a request, in bytes.
  [[nodiscard]] virtual std::size_t request_bytes(std::size_t position) const noexcept = 0;
  /// What a key is expected to add to an answer, in bytes.
  [[nodiscard]] virtual std::size_t answer_bytes() const noexcept { return 0; }
  /// Has the driver make an attempt at `positions`, which are one for a statement for one key.
  virtual void execute(const Statement& statement, std::span<const std::size_t> positions,
                       const RequestOptions& options, RowsSink& sink) const = 0;
  using Taken = BatchRequest::Taken;
  /// Under the lock of this object, for each page of the answer to a request.
  virtual Taken take_rows(std::span<const std::size_t>, const Rows&) noexcept { return {}; }
  /// A request for the keys at `positions` was answered, with so much in all its pages.
  virtual void learn(std::span<const std::size_t> /*positions*/, const Taken&) noexcept {}
  /// Once, holding no lock; `failures` are in order.
  virtual void complete(std::vector<KeyFailure> failures, std::optional<Error> error) noexcept = 0;

  [[nodiscard]] const UniqueKeys& keys() const noexcept { return state_.keys(); }

 private:
  class InFlight;
  using StatementPtr = std::shared_ptr<const Statement>;  // null: not prepared yet
  using RequestPtr = BatchState::RequestPtr;

  /// The kind of a request, for the window.
  [[nodiscard]] std::size_t workload(const BatchRequest& request) const noexcept;
  void prepare() noexcept;
  void ask_for(StatementPtr& prepared, LazyStatement& statement);
  void take(StatementPtr& prepared, const LazyStatement::Prepared& result) noexcept;
  void on_timer() noexcept;
  void end(BatchState::Termination ending) noexcept;
  void transmit(std::unique_ptr<InFlight> sent) noexcept;
  void attempted(RequestPtr request, const StatementPtr& statement, Result<Rows> result) noexcept;
  /// Whether keys may share requests; nothing is sent then before both statements are there.
  [[nodiscard]] bool has_groups() const noexcept {
    return keys().size() > 1 && table_->settings().groups.by_replicas;
  }
  void complete_if_due() noexcept;
  void watch_statements() noexcept;

  // Under the lock, and but for the first two not once the call is ending: then the store may be
  // closed, and without a session.
  [[nodiscard]] bool is_prepared() const noexcept { return single_ && (group_ || !has_groups()); }
  [[nodiscard]] bool has_work() const noexcept;
  /// When the call ends if no server answers until then.
  [[nodiscard]] Clock::time_point silence_limit() const noexcept;
  [[nodiscard]] BatchState::Termination by_silence() const;
  [[nodiscard]] CausePtr cause_of_waiting() const;
  void plan_more();
  void choose_node(BatchRequest& request) const;
  void answered(RequestPtr request, const Rows& rows);
  void try_again_or_fail(RequestPtr request, const DriverError& error);
  void make_timer();
  [[nodiscard]] bool can_wait() noexcept;
  void set_timer();

  std::vector<KeyFailure> failures();

  std::shared_ptr<Table> table_;
  Effect effect_;
  VerbCounters& counters_;  // of the table
  core::Timers& timers_;
  Clock::time_point started_;
  std::optional<std::int64_t> timestamp_;
  BatchState::BytesOf bytes_of_;
  std::shared_ptr<const ReplicaSets> replica_sets_;
  Clock::time_point deadline_ = Clock::time_point::max();

  std::mutex mutex_;
  BatchState state_;
  StatementPtr single_;
  StatementPtr group_;
  int sending_ = 0;  // threads that look at keys and values
  bool completed_ = false;
  std::unique_ptr<core::Timer> timer_;  // null: nothing has a time yet
  Clock::time_point timer_time_ = Clock::time_point::max();
  std::shared_ptr<BatchCall> self_;  // until it is completed

  core::Cancellation cancellation_;  // last: nobody cancels what is half destroyed
};

}  // namespace bytestore::cassandra
