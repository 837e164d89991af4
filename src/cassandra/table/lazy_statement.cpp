#include "cassandra/table/lazy_statement.hpp"

#include <exception>
#include <utility>

#include "cassandra/policy/error_policy.hpp"

namespace bytestore::cassandra {

/// Lives until it is answered.
class LazyStatement::Request final : public StatementSink {
 public:
  explicit Request(std::shared_ptr<LazyStatement> owner)
      : owner_(std::move(owner)), pass_(owner_->access_.requests->enter()) {}

  void done(Prepared result) noexcept override {
    const std::unique_ptr<Request> self(this);
    owner_->answer(std::move(result));
  }

 private:
  std::shared_ptr<LazyStatement> owner_;
  core::Gate::Pass pass_;
};

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
    auto request = std::make_unique<Request>(shared_from_this());
    access_.session->driver().prepare(cql_, *request);
    static_cast<void>(request.release());  // `done` has it now
  } catch (const std::exception& error) {  // the store is closing, or out of memory
    finish(DriverError{.code = DriverErrorCode::session_ended, .message = error.what()});
  }
}

void LazyStatement::answer(Prepared result) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  core::Timers& timers = access_.session->timers();
  SignOfLife& life = access_.session->life();
  if (error == nullptr || is_of_server(error->code)) life.seen(timers.now());
  if (error == nullptr || !classify(*error, Effect::read).retry) return finish(result);
  {
    const std::lock_guard lock(mutex_);
    last_failure_ = cause_of(*error, "preparing " + cql_);
    // NOLINTBEGIN(bugprone-unchecked-optional-access): set when the first one asked
    const auto again = attempts_->fail(timers.now(), life.last(), random_jitter(),
                                       retry_rule(*error, access_.session->settings().retries));
    // NOLINTEND(bugprone-unchecked-optional-access)
    if (again) {
      counters_.prepared_again();
      report_retry(*access_.session, *error, "preparing " + cql_);
      if (!timer_) {
        timer_ = timers.timer([weak = weak_from_this()] {
          if (const auto self = weak.lock()) self->ask();
        });
      }
      return timer_->set(*again);
    }
  }
  finish(result);
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
