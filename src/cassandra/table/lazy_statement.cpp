#include "cassandra/table/lazy_statement.hpp"

#include <exception>
#include <utility>

#include "cassandra/driver/self_owned.hpp"
#include "cassandra/policy/error_policy.hpp"

namespace bytestore::cassandra {

LazyStatement::LazyStatement(SessionUse access, std::string cql, VerbCounters& counters)
    : access_(std::move(access)), cql_(std::move(cql)), counters_(counters) {}

void LazyStatement::get(Callback callback) {
  std::shared_ptr<const Statement> ready;
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    ready = statement_;
    if (!ready) {
      is_first = waiting_.empty();
      waiting_.push_back(std::exchange(callback, nullptr));
      if (is_first) attempts_.emplace(access_.session->timers().now());
    }
  }
  if (ready) return callback(ready);
  if (is_first) ask();
}

std::shared_ptr<const Statement> LazyStatement::ready() const noexcept {
  const std::lock_guard lock(mutex_);
  return statement_;
}

void LazyStatement::forget(const std::shared_ptr<const Statement>& stale) {
  const std::lock_guard lock(mutex_);
  if (statement_ == stale) statement_.reset();
}

CausePtr LazyStatement::last_failure() const {
  const std::lock_guard lock(mutex_);
  return last_failure_;
}

void LazyStatement::ask() noexcept {
  try {
    ask_once<std::shared_ptr<const Statement>>(
        [this](StatementSink& sink) { access_.session->driver().prepare(cql_, sink); },
        [self = shared_from_this(), keep_open = KeepOpen(access_)](Prepared result) {
          self->answer(std::move(result));
        });
  } catch (const std::exception& error) {  // the store is closing, or out of memory
    finish(DriverError{.code = DriverErrorCode::session_ended, .message = error.what()});
  }
}

void LazyStatement::answer(Prepared result) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  if (error == nullptr || is_of_server(error->code)) {
    access_.session->life().seen(access_.session->timers().now());
  }
  if (error != nullptr && try_later(*error)) return;
  finish(result);
}

/// Returns false if the statement is given up.
bool LazyStatement::try_later(const DriverError& error) noexcept {
  SharedSession& session = *access_.session;
  const std::lock_guard lock(mutex_);
  // NOLINTBEGIN(bugprone-unchecked-optional-access): set when the first one asked
  const RetryDecision decision =
      decide_retry(error, {}, *attempts_, retry_moment(session), session.settings().retries);
  // NOLINTEND(bugprone-unchecked-optional-access)
  if (decision.may_help) last_failure_ = cause_of(error, "preparing " + cql_);
  if (!decision.retry_at) return false;
  counters_.prepared_again();
  report_retry(session, error, "preparing " + cql_);
  if (!timer_) {
    timer_ = session.timers().timer([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->ask();
    });
  }
  timer_->set(*decision.retry_at);
  return true;
}

void LazyStatement::finish(const Prepared& result) noexcept {
  std::vector<Callback> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (const auto* statement = std::get_if<std::shared_ptr<const Statement>>(&result)) {
      statement_ = *statement;
      last_failure_.reset();
    }
    waiting.swap(waiting_);
  }
  for (const Callback& callback : waiting) callback(result);
}

}  // namespace bytestore::cassandra
