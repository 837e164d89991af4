#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "cassandra/calls/batch_call.hpp"

// How a call ends before all its keys have: by its deadline, by the silence of the servers, or
// because it is interrupted; and the alarm that tells when.
namespace bytestore::cassandra {

/// What waits for the set-up or for statements ends in time where nothing answers.
void KeyedCall::watch_statements() noexcept {
  const std::lock_guard lock(mutex_);
  if (!completed_ && !book_.is_ending() && !is_prepared() && can_wait()) set_alarm();
}

void KeyedCall::make_alarm() {
  alarm_ = timers_.alarm([weak = weak_from_this()] {
    if (const auto rung = weak.lock()) rung->ring();
  });
}

/// Whether something can be done later: false where no thread for it can be made.
bool KeyedCall::can_wait() noexcept {
  try {
    if (!alarm_) make_alarm();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void KeyedCall::set_alarm() {
  if (!alarm_) return;
  const auto time = std::min({deadline_, book_.next_time(), silence_limit()});
  if (time >= alarm_time_) return;  // it rings early, and is set again
  alarm_time_ = time;
  alarm_->set(time);
}

void KeyedCall::ring() noexcept {
  std::shared_ptr<SessionCore> session;
  bool is_silent = false;
  {
    const std::lock_guard lock(mutex_);
    if (completed_ || book_.is_ending()) return;
    const auto now = timers_.now();
    alarm_time_ = Clock::time_point::max();
    if (now < std::min(deadline_, silence_limit())) {
      session = table_->access().session;
      book_.wake(now);
      set_alarm();
    } else if (now < deadline_) {
      is_silent = book_.end(by_silence());
    }
  }
  if (session) return start_sending(session, shared_from_this());
  if (is_silent) return complete_if_due();
  end({.code = ErrorCode::timeout,
       .message = std::string(core::interruption_message(ErrorCode::timeout)),
       .message_on_way =
           "the deadline of the call passed before the server answered; repeat the call, or allow "
           "more time",
       .error = {},
       .is_by_limit = true});
}

KeyedCall::Clock::time_point KeyedCall::silence_limit() const noexcept {
  const RequestBook::Rules& rules = book_.rules();
  const auto alive = table_->access().session->life().last();
  return std::max(rules.begun, alive) + rules.retries.give_up_after;
}

RequestBook::Ending KeyedCall::by_silence() const {
  const auto cause = book_.last_cause() ? book_.last_cause() : cause_of_waiting();
  const auto message = silence_message(book_.rules().retries.give_up_after);
  return {.code = cause ? cause->code : ErrorCode::timeout,
          .message = message,
          .message_on_way = message,
          .error = {},
          .is_by_limit = true,
          .cause = cause};
}

/// Why the set-up or a statement that this waits for is not there yet.
CausePtr KeyedCall::cause_of_waiting() const {
  if (is_prepared()) return nullptr;
  if (auto cause = table_->setup().last_failure()) return cause;
  if (auto cause = statement().last_failure()) return cause;
  return has_groups() ? group_statement().last_failure() : nullptr;
}

KeyedCall::Clock::time_point KeyedCall::end_if_silent(Clock::time_point now) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (completed_ || book_.is_ending()) return Clock::time_point::max();
    const auto limit = silence_limit();
    if (now < limit) return limit;
    book_.end(by_silence());
  }
  complete_if_due();
  return Clock::time_point::max();
}

void KeyedCall::cancel() noexcept {
  end({.code = ErrorCode::cancelled,
       .message = std::string(core::interruption_message(ErrorCode::cancelled)),
       .message_on_way =
           "the call was cancelled, or its store was closed, before the server answered",
       .error = {},
       .is_by_limit = true});
}

void KeyedCall::end(RequestBook::Ending ending) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (completed_ || book_.is_ending()) return;
    if (ending.is_by_limit) ending.cause = cause_of_waiting();
    book_.end(std::move(ending));
  }
  complete_if_due();
}

}  // namespace bytestore::cassandra
