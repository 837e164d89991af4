#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "bytestore/error.hpp"
#include "cassandra/calls/batch_binding.hpp"
#include "cassandra/policy/batch_state.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/table/lazy_statement.hpp"
#include "cassandra/table/table.hpp"
#include "core/call.hpp"
#include "core/cancellation.hpp"

namespace bytestore::cassandra {

/// One call of a verb on keys. Keys with the same replicas share requests, which go through the
/// window of the session. If a request fails, its keys are retried one by one where that may help,
/// until each key has succeeded or failed or the call is cancelled. It completes once, on a thread
/// of the driver or the library, or on the thread that cancels it.
///
/// Keys and values are the caller's: they are looked at only before the completion.
///
/// It ends no later than `give_up_after` past the last sign of life of the session. A key that was
/// never sent is then certainly not written. If it runs out of memory it ends at once, and what
/// became of its keys is not known.
class BatchCall final : public Window::Sender,
                        public core::Cancellable,
                        public std::enable_shared_from_this<BatchCall> {
 public:
  using Clock = core::Call::Clock;

  /// The call object need not live until the completion.
  static void start(std::shared_ptr<Table> table, std::unique_ptr<BatchBinding> binding,
                    const core::Call& call);

  BatchCall(std::shared_ptr<Table> table, std::unique_ptr<BatchBinding> binding);
  BatchCall(const BatchCall&) = delete;
  BatchCall& operator=(const BatchCall&) = delete;
  ~BatchCall() override;

  Window::SendResult send_one() noexcept override;
  Clock::time_point end_if_silent(Clock::time_point now) noexcept override;
  void cancel() noexcept override;

 private:
  class InFlight;
  using StatementPtr = std::shared_ptr<const Statement>;  // null: not prepared yet
  using RequestPtr = BatchState::RequestPtr;

  // The beginning.
  void start(const core::Call& call);
  void take_what_is_there() noexcept;
  void begin(const core::Call& call);
  void prepare();
  /// Ends the call if it has a key that the table cannot have.
  [[nodiscard]] bool refuse_keys();
  void ask_for(LazyStatement& statement, StatementPtr& prepared);
  void take(StatementPtr& prepared, const LazyStatement::Prepared& result);
  void watch_statements() noexcept;

  // Requests.
  void attempted(RequestPtr request, const StatementPtr& statement, Result<Rows> result) noexcept;
  void take_result(RequestPtr request, const StatementPtr& statement, const Result<Rows>& result);
  void look_for_masks(RequestPtr request, const DriverError& doubt);
  void decide_doubt(RequestPtr request, const DriverError& doubt,
                    const TableSetup::Outcome& outcome);

  // The end.
  void on_timer() noexcept;
  void look_at_time();
  Clock::time_point look_at_silence(Clock::time_point now);
  void end(BatchState::Termination ending);
  /// Nothing can come of the call, by the error of its table or of its arguments.
  void end_with(const Error& error);
  /// Does `step`, holding no lock; if there is no memory for it, the call ends as a whole.
  template <typename Step>
  void take_step(const Step& step) noexcept;
  void end_without_memory() noexcept;
  void complete() noexcept;
  [[nodiscard]] std::vector<KeyFailure> named_failures();

  [[nodiscard]] const UniqueKeys& keys() const noexcept { return state_.keys(); }
  [[nodiscard]] const BatchBinding::About& about() const noexcept { return binding_->about(); }
  /// Whether keys may share requests.
  [[nodiscard]] bool has_groups() const noexcept {
    return keys().size() > 1 && table_->settings().groups.by_replicas;
  }

  // Under the lock, and but for the first three not once the call is ending: then the store may be
  // closed, and without a session.
  /// Nothing is sent before all statements are there.
  [[nodiscard]] bool is_prepared() const noexcept { return single_ && (group_ || !needs_group_); }
  [[nodiscard]] StatementPtr& prepared_for(const BatchRequest& request) noexcept {
    return request.is_single() || !needs_group_ ? single_ : group_;
  }
  [[nodiscard]] bool has_work() const noexcept;
  [[nodiscard]] LazyStatement& statement_for(const BatchRequest& request) const noexcept;
  /// When the call ends if no server answers until then.
  [[nodiscard]] Clock::time_point silence_limit() const noexcept;
  [[nodiscard]] BatchState::Termination by_silence() const;
  [[nodiscard]] CausePtr cause_of_waiting() const;
  void plan_more();
  void choose_node(BatchRequest& request) const;
  /// Returns what is wrong with the rows of several keys, which are to be looked into: then the
  /// request is still in flight.
  [[nodiscard]] std::optional<DriverError> answered(RequestPtr& request, const Rows& rows);
  void try_again_or_fail(RequestPtr request, const DriverError& answer);
  void learn_key_limit(const BatchRequest& refused, const DriverError& error);
  void make_timer();
  [[nodiscard]] bool can_wait() noexcept;
  void set_timer() noexcept;
  /// What the next request may have at most.
  [[nodiscard]] RequestGroups::Limits limits() const;
  [[nodiscard]] bool is_ending() const noexcept {
    return completed_ || is_without_memory_ || state_.is_ending();
  }
  Window::SendResult send_next();
  /// Whether the call is to be completed now: by who asked, who then holds it alive by this, and
  /// after the lock was released. Nobody else looks at the call then.
  [[nodiscard]] std::shared_ptr<BatchCall> take_if_due() noexcept;

  std::shared_ptr<Table> table_;
  std::unique_ptr<BatchBinding> binding_;
  VerbCounters& counters_;  // of the table
  core::Timers& timers_;
  Clock::time_point started_;
  std::optional<std::int64_t> timestamp_;
  BatchState::BytesOf bytes_of_;
  std::shared_ptr<const ReplicaSets> replica_sets_;
  Clock::time_point deadline_ = Clock::time_point::max();

  std::mutex mutex_;
  BatchState state_;
  const Table::Statements* statements_;  // of the table; fixed before one of them is there
  bool needs_group_;  // there may be requests for several keys, with a statement of their own
  StatementPtr single_;
  StatementPtr group_;
  int sending_ = 0;  // threads that look at keys and values
  bool completed_ = false;
  bool is_without_memory_ = false;      // it ends, whatever its state says
  std::unique_ptr<core::Timer> timer_;  // null: nothing has a time yet
  Clock::time_point timer_time_ = Clock::time_point::max();
  std::shared_ptr<BatchCall> self_;  // until it is completed

  core::Cancellation cancellation_;  // last: nobody cancels what is half destroyed
};

template <typename Step>
void BatchCall::take_step(const Step& step) noexcept {
  try {
    step();
  } catch (const std::exception&) {
    end_without_memory();
  }
}

}  // namespace bytestore::cassandra
