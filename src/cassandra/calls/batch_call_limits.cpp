#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "cassandra/calls/batch_call.hpp"

// How a call ends before all its keys have: by its deadline, by the silence of the servers, or
// because it is interrupted; and the alarm that tells when. And what the call learns of how many
// keys a request may have.
namespace bytestore::cassandra {

void BatchCall::learn_key_limit(const BatchRequest& refused, const DriverError& error) {
  KeyLimit& limit = table_->key_limit(about().verb);
  if (!limit.refused(refused.group.positions.size(), named_key_limit(error.message))) return;
  const SharedSession& session = *table_->access().session;
  session.log().report(Event::key_limit, session.timers().now(), [&] {
    return fmt::format("requests to the table {} have {} keys at most from now on: {}",
                       table_->name().cql(), limit.most(), describe(error, about().operation));
  });
}

void BatchCall::make_timer() {
  timer_ = timers_.timer([weak = weak_from_this()] {
    if (const auto call = weak.lock()) call->on_timer();
  });
}

/// Whether something can be done later: false where no thread for it can be made.
bool BatchCall::can_wait() noexcept {
  try {
    if (!timer_) make_timer();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void BatchCall::set_timer() noexcept {
  if (!timer_) return;
  const auto time = std::min({deadline_, state_.next_time(), silence_limit()});
  if (time >= timer_time_) return;  // it rings early, and is set again
  timer_time_ = time;
  timer_->set(time);
}

void BatchCall::on_timer() noexcept {
  take_step([&] { look_at_time(); });
}

void BatchCall::look_at_time() {
  std::shared_ptr<SharedSession> session;
  std::shared_ptr<BatchCall> due;
  bool is_silent = false;
  {
    const std::lock_guard lock(mutex_);
    if (is_ending()) return;
    const auto now = timers_.now();
    timer_time_ = Clock::time_point::max();
    if (now < std::min(deadline_, silence_limit())) {
      session = table_->access().session;
      state_.wake(now);
      set_timer();
    } else if (now < deadline_) {
      is_silent = state_.end(by_silence());
      due = take_if_due();
    }
  }
  if (session) return start_sending(session, shared_from_this());
  if (due) complete();
  if (is_silent) return;
  end({.code = ErrorCode::timeout,
       .message = std::string(core::interruption_message(ErrorCode::timeout)),
       .message_in_flight =
           "the deadline of the call passed before the server answered; repeat the call, or allow "
           "more time",
       .error = {},
       .is_by_limit = true});
}

BatchCall::Clock::time_point BatchCall::silence_limit() const noexcept {
  return state_.silence_limit(table_->access().session->life().last());
}

BatchState::Termination BatchCall::by_silence() const {
  const auto cause = state_.last_cause() ? state_.last_cause() : cause_of_waiting();
  const auto message = silence_message(state_.rules().retries.give_up_after);
  return {.code = cause ? cause->code : ErrorCode::timeout,
          .message = message,
          .message_in_flight = message,
          .error = {},
          .is_by_limit = true,
          .cause = cause};
}

BatchCall::Clock::time_point BatchCall::end_if_silent(Clock::time_point now) noexcept {
  auto next = Clock::time_point::max();
  take_step([&] { next = look_at_silence(now); });
  return next;
}

BatchCall::Clock::time_point BatchCall::look_at_silence(Clock::time_point now) {
  std::shared_ptr<BatchCall> due;
  {
    const std::lock_guard lock(mutex_);
    if (is_ending()) return Clock::time_point::max();
    const auto limit = silence_limit();
    if (now < limit) return limit;
    state_.end(by_silence());
    due = take_if_due();
  }
  if (due) complete();
  return Clock::time_point::max();
}

void BatchCall::cancel() noexcept {
  take_step([&] {
    end({.code = ErrorCode::cancelled,
         .message = std::string(core::interruption_message(ErrorCode::cancelled)),
         .message_in_flight =
             "the call was cancelled, or its store was closed, before the server answered",
         .error = {},
         .is_by_limit = true});
  });
}

void BatchCall::end_with(const Error& error) {
  end({.code = error.code(), .message = {}, .message_in_flight = {}, .error = error});
}

void BatchCall::end(BatchState::Termination ending) {
  std::shared_ptr<BatchCall> due;
  {
    const std::lock_guard lock(mutex_);
    if (is_ending()) return;
    if (ending.is_by_limit) ending.cause = cause_of_waiting();
    state_.end(std::move(ending));
    due = take_if_due();
  }
  if (due) complete();
}

}  // namespace bytestore::cassandra
