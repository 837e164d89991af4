#include "cassandra/table/lazy_statement.hpp"

#include <exception>
#include <utility>

#include "cassandra/driver/self_owned.hpp"
#include "cassandra/policy/error_policy.hpp"

namespace bytestore::cassandra {

LazyStatement::LazyStatement(SessionUse access, std::string cql, std::size_t markers,
                             VerbCounters& counters)
    : access_(std::move(access)), cql_(std::move(cql)), markers_(markers), counters_(counters) {}

void LazyStatement::get(Callback callback) {
  std::shared_ptr<const Statement> there;
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    there = statement_ ? statement_ : unprepared_;
    if (!there) waiting_.push_back(std::exchange(callback, nullptr));
    is_first = !statement_ && !std::exchange(is_being_prepared_, true);
    if (is_first) attempts_.emplace(access_.session->timers().now());
  }
  if (is_first) ask();
  if (there) callback(there);
}

/// Those who wait get the statement unprepared if the attempt at preparing it takes long.
void LazyStatement::watch() noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (!patience_timer_) {
      patience_timer_ = access_.session->timers().timer([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->stand_in();
      });
    }
    patience_timer_->set(access_.session->timers().now() + kPatience);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): no thread for timers; then
  }  // they wait until it is prepared, or for as long as their calls do
}

void LazyStatement::stand_in() noexcept {
  std::optional<KeepOpen> keep_open;
  std::vector<Callback> waiting;
  std::shared_ptr<const Statement> statement;
  try {
    keep_open.emplace(access_);
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return;
    unprepared_ = access_.session->driver().unprepared(cql_, markers_);
    statement = unprepared_;
    waiting.swap(waiting_);
    if (keep_open_) keep_open_->reset();  // who closes the store does not wait for it
  } catch (const std::exception&) {       // the store is closed, or out of memory
    return;
  }
  for (const Callback& callback : waiting) callback(statement);
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
  watch();
  try {
    auto keep_open = std::make_shared<std::optional<KeepOpen>>(std::in_place, access_);
    {
      const std::lock_guard lock(mutex_);
      if (unprepared_) keep_open->reset();  // nobody waits for it
      keep_open_ = keep_open;
    }
    ask_once<std::shared_ptr<const Statement>>(
        [this](StatementSink& sink) { access_.session->driver().prepare(cql_, sink); },
        [weak = weak_from_this(), keep_open = std::move(keep_open)](Prepared result) {
          if (const auto self = weak.lock()) self->answer(std::move(result));
        });
  } catch (const std::exception& error) {  // the store is closing, or out of memory
    {
      const std::lock_guard lock(mutex_);
      keep_open_.reset();
    }
    finish(DriverError{.code = DriverErrorCode::session_ended, .message = error.what()});
  }
}

void LazyStatement::answer(Prepared result) noexcept {
  std::shared_ptr<std::optional<KeepOpen>> keep_open;
  {
    const std::lock_guard lock(mutex_);
    keep_open = std::exchange(keep_open_, nullptr);
    if (patience_timer_) patience_timer_->set(core::Timer::Clock::time_point::max());
  }
  try {
    if (!keep_open || !*keep_open) {  // nobody has waited for the attempt
      keep_open = std::make_shared<std::optional<KeepOpen>>(std::in_place, access_);
    }
  } catch (const std::exception& error) {  // the store was closed
    return finish(DriverError{.code = DriverErrorCode::session_ended, .message = error.what()});
  }
  const auto* error = std::get_if<DriverError>(&result);
  if (error == nullptr || is_of_server(error->code)) {
    access_.session->life().seen(access_.session->timers().now());
  }
  // Until the nodes agree on its id, each prepares it for itself.
  if (error != nullptr && error->code == DriverErrorCode::other_id) stand_in();
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
  if (decision.may_help) {
    last_failure_ = later_cause(last_failure_, error, false, "preparing " + cql_);
  }
  if (!decision.retry_at) return false;
  counters_.prepared_again();
  report_retry(session, error, "preparing " + cql_);
  if (!retry_timer_) {
    retry_timer_ = session.timers().timer([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->ask();
    });
  }
  retry_timer_->set(*decision.retry_at);
  return true;
}

void LazyStatement::finish(const Prepared& result) noexcept {
  std::vector<Callback> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (const auto* statement = std::get_if<std::shared_ptr<const Statement>>(&result)) {
      statement_ = *statement;
      unprepared_.reset();
      last_failure_.reset();
    }
    is_being_prepared_ = false;
    waiting.swap(waiting_);
  }
  for (const Callback& callback : waiting) callback(result);
}

}  // namespace bytestore::cassandra
