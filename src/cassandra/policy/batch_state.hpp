#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytestore/error.hpp"
#include "cassandra/policy/batch_request.hpp"
#include "cassandra/policy/duplicate_keys.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/policy/request_groups.hpp"
#include "cassandra/policy/retry.hpp"

namespace bytestore::cassandra {

/// The requests of one call: which keys share one, what is to be sent next and when, and what
/// became of each key. Knows keys by their positions. Decides only; not thread safe.
class BatchState {
 public:
  using Clock = core::Call::Clock;
  using RequestPtr = std::unique_ptr<BatchRequest>;
  using BytesOf = std::function<std::size_t(std::size_t position)>;

  /// Keys that may be begun and not finished: in flight, or waiting for their next attempt. Bounds
  /// what a call holds while the servers are in trouble.
  static constexpr std::size_t kMaxOpen = 8'192;

  struct Rules {
    Effect effect;
    bool may_repeat;  ///< whether keys are retried although a write may have been applied
    std::optional<std::chrono::milliseconds> speculative_delay{};
    RetryRule retries{};
    Clock::time_point begun{};  ///< when the call began
  };

  /// Why the call ends before all its keys have.
  struct Termination {
    ErrorCode code;
    std::string message;            ///< for keys that are not in flight
    std::string message_in_flight;  ///< for keys that are
    std::optional<Error> error;     ///< what the call fails with, instead of failures of keys
    /// Whether the messages are followed by the last failure before: that of the key, else that of
    /// another key of the call, else `cause`.
    bool is_by_limit = false;
    CausePtr cause{};
  };

  BatchState(UniqueKeys keys, const Rules& rules) : keys_(std::move(keys)), rules_(rules) {}

  [[nodiscard]] const UniqueKeys& keys() const noexcept { return keys_; }
  [[nodiscard]] const Rules& rules() const noexcept { return rules_; }

  // What is sent.

  /// Whether there is a request to be sent now.
  [[nodiscard]] bool has_next() const noexcept;

  /// Whether some keys must be planned before `next`.
  [[nodiscard]] bool wants_plan() const noexcept { return ready_.empty() && plan_.empty(); }

  /// Plans some of the keys that are left: enough for whole groups in a cluster of dozens of
  /// replica sets, and little to hold.
  template <typename SetOf>
  void plan(const SetOf& set_of, const BytesOf& bytes_of) {
    for (std::size_t left = kPlannedKeys; left > 0 && next_ < keys_.size(); --left, ++next_) {
      const std::size_t position = keys_.position(next_);
      plan_.add(position, set_of(position), bytes_of(position));
    }
  }

  /// The next request, which is in flight from now on.
  RequestPtr next(const RequestGroups::Limits& limits, Clock::time_point now);

  /// When `wake` has something to do.
  [[nodiscard]] Clock::time_point next_time() const noexcept;

  /// Makes requests ready whose retry is due, and speculative requests beside those that are slow.
  void wake(Clock::time_point now);

  // What came of it.

  /// Whether its answer is not needed any more, because its sibling was answered.
  [[nodiscard]] static bool is_abandoned(const BatchRequest& request) noexcept {
    return request.is_abandoned;
  }

  /// A page of its answer has arrived. If there is a paging state, the request is sent again for
  /// the next page.
  void answered(RequestPtr request, std::string paging_state);

  /// Notes why an attempt failed, as `later_cause` does. Must come before `failed`.
  void note_cause(BatchRequest& request, const DriverError& error, std::string_view operation);

  /// The last one that was noted, of any key; null: none.
  [[nodiscard]] const CausePtr& last_cause() const noexcept { return last_cause_; }

  /// Returns nothing if the request is done with: its sibling decides, or the call is ending. Else
  /// `retry` or `fail` must follow.
  std::optional<RetryDecision> failed(BatchRequest& request, const DriverError& error,
                                      const RetryMoment& moment);

  /// When the call ends if no server answers until then. `alive` is when one last did.
  [[nodiscard]] Clock::time_point silence_limit(Clock::time_point alive) const noexcept;

  /// Whether the servers have been silent for so long that no key has time for another attempt.
  [[nodiscard]] bool is_silent(const RetryMoment& moment) const noexcept;

  /// Retries its keys when that was decided, grouped as that was. `most_keys` is what each request
  /// may have if they were too many for one.
  void retry(RequestPtr request, const RetryDecision& decision, const BytesOf& bytes_of,
             std::size_t most_keys);

  /// Its keys fail, for the cause that was noted.
  void fail(const BatchRequest& request);

  /// The keys that were never sent fail for the same cause. Must come before `fail`.
  void fail_unsent_too(const BatchRequest& refused);

  // The end.

  /// Nothing more is sent. Returns whether this is the first ending.
  bool end(Termination ending);
  [[nodiscard]] bool is_ending() const noexcept { return ending_.has_value(); }

  /// Whether the call may be completed.
  [[nodiscard]] bool is_due() const noexcept;

  /// Lets go of all requests; those in flight go on.
  void close_all();

  /// After `close_all`: what the call fails with as a whole, if it does; else of keys, in order and
  /// without their texts.
  std::optional<Error> take_error();
  std::vector<KeyFailure> take_failures();

 private:
  static constexpr std::size_t kPlannedKeys = 4'096;

  void open(BatchRequest& request);
  void close(const BatchRequest& request) noexcept;
  void abandon(BatchRequest& request);
  void speculate(Clock::time_point now);
  void add_speculative(BatchRequest& slow);
  void fail_by_ending(const BatchRequest& request);
  [[nodiscard]] std::string words_of(const Termination& ending, const std::string& message,
                                     const CausePtr& cause) const;
  void fail_what_was_never_sent();
  template <typename Fail>
  void take_unsent(const Fail& fail);
  void fail_duplicates();

  UniqueKeys keys_;
  Rules rules_;
  std::size_t next_ = 0;  // the first key that is not in the plan yet
  RequestGroups plan_;
  std::vector<BatchRequest*> open_;  // begun and not finished
  std::size_t open_keys_ = 0;
  std::deque<RequestPtr> ready_;  // to be sent before those of the plan
  std::multimap<Clock::time_point, RequestPtr> later_;
  Clock::time_point speculation_time_ = Clock::time_point::max();  // when to look for slow requests
  std::vector<KeyFailure> failures_;
  CausePtr last_cause_;  // of any key, if it concerned others too
  std::optional<Termination> ending_;
};

}  // namespace bytestore::cassandra
