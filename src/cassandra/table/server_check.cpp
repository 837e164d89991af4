#include "cassandra/table/server_check.hpp"

#include <exception>
#include <utility>

#include "cassandra/driver/self_owned.hpp"
#include "cassandra/policy/error_policy.hpp"

namespace bytestore::cassandra {

bool is_unknown_there(const DriverError& error) noexcept {
  return error.code == DriverErrorCode::syntax || error.code == DriverErrorCode::invalid ||
         error.code == DriverErrorCode::unknown_table;
}

ServerCheck::ServerCheck(SessionUse access, std::string operation, Ask ask, Validity validity)
    : access_(std::move(access)),
      questions_(std::make_shared<Questions>(access_)),
      operation_(std::move(operation)),
      ask_(std::move(ask)),
      validity_(validity) {}

ServerCheck::Clock::time_point ServerCheck::now() const noexcept {
  return access_.session->timers().now();
}

bool ServerCheck::has_passed() const noexcept {
  if (!passed_) return false;
  const Clock::time_point renewed_at = renewed_at_;
  return renewed_at == Clock::time_point::max() || now() < renewed_at;
}

void ServerCheck::get(Callback callback) {
  if (has_passed()) return callback(std::nullopt);
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    const auto time = now();
    const bool is_trusted = passed_ && time < trusted_until_;
    if (!is_trusted) waiting_.push_back(std::exchange(callback, nullptr));
    if (!is_trusted || time >= renewed_at_.load()) {
      is_first = !std::exchange(is_asking_, true);
      if (is_first) attempts_.emplace(time);
    }
  }
  if (is_first) ask();
  if (callback) callback(std::nullopt);
}

void ServerCheck::distrust() noexcept {
  const std::lock_guard lock(mutex_);
  passed_ = false;
  is_outdated_ = is_asking_;
}

CausePtr ServerCheck::last_failure() const {
  const std::lock_guard lock(mutex_);
  return last_failure_;
}

void ServerCheck::ask() noexcept {
  try {
    ask_once<Refusal>([this](RefusalSink& sink) { ask_(questions_, timeout(), sink); },
                      [self = shared_from_this(), keep_open = KeepOpen(access_)](
                          Result<Refusal> result) { self->answer(std::move(result)); });
  } catch (const Error& error) {  // the store is closing
    finish(error);
  } catch (const std::exception& error) {
    finish(Error(ErrorCode::io, error.what()));
  }
}

void ServerCheck::answer(Result<Refusal> result) noexcept {
  const auto* failed = std::get_if<DriverError>(&result);
  if (failed == nullptr || is_of_server(failed->code)) {
    access_.session->life().seen(access_.session->timers().now());
  }
  if (const auto* refusal = std::get_if<Refusal>(&result)) return finish(*refusal);
  try_later(std::get<DriverError>(result));
}

void ServerCheck::try_later(const DriverError& error) noexcept {
  SharedSession& session = *access_.session;
  CausePtr cause;
  if (passed_) return finish(std::nullopt);  // whoever uses it will hear of what is wrong
  {
    const std::lock_guard lock(mutex_);
    last_failure_ = later_cause(last_failure_, error, is_cut_short_, operation_);
    // NOLINTBEGIN(bugprone-unchecked-optional-access): set when the first one asked
    const RetryDecision decision = decide_retry(error, {.expects_table = false}, *attempts_,
                                                retry_moment(session), session.settings().retries);
    // NOLINTEND(bugprone-unchecked-optional-access)
    if (decision.retry_at) {
      report_retry(session, error, operation_);
      if (!timer_) {
        timer_ = session.timers().timer([weak = weak_from_this()] {
          if (const auto self = weak.lock()) self->ask();
        });
      }
      return timer_->set(*decision.retry_at);
    }
    cause = last_failure_;
  }
  finish(Error(cause->code, cause->text));
}

/// How long the attempt that begins may take: it ends when the question is given up.
std::chrono::milliseconds ServerCheck::timeout() {
  SharedSession& session = *access_.session;
  const auto longest = session.settings().attempt_timeout;
  const std::lock_guard lock(mutex_);
  // NOLINTBEGIN(bugprone-unchecked-optional-access): set when the first one asked
  const auto timeout = attempts_->timeout(session.timers().now(), session.life().last(), longest,
                                          session.settings().retries);
  // NOLINTEND(bugprone-unchecked-optional-access)
  is_cut_short_ = timeout < longest;
  return timeout;
}

void ServerCheck::finish(const Refusal& refusal) noexcept {
  questions_->forget();
  std::vector<Callback> waiting;
  bool asks_again = false;
  {
    const std::lock_guard lock(mutex_);
    const auto time = now();
    asks_again = std::exchange(is_outdated_, false) && !refusal;
    if (asks_again) {
      attempts_.emplace(time);
    } else {
      is_asking_ = false;
      passed_ = !refusal;
      if (validity_.renewed_after.count() > 0) {
        renewed_at_ = time + validity_.renewed_after;
        trusted_until_ = time + validity_.trusted_for;
      }
      waiting.swap(waiting_);
    }
    last_failure_.reset();
  }
  if (asks_again) return ask();
  for (const Callback& callback : waiting) callback(refusal);
}

}  // namespace bytestore::cassandra
