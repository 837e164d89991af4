#include "cassandra/keyed_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <span>
#include <utility>

#include "cassandra/timestamps.hpp"

namespace bytestore::cassandra {

/// The attempts at one key. Owned by the call, but by itself while it is at the driver.
class KeyedCall::Request final : public RowsSink {
 public:
  Request(std::shared_ptr<KeyedCall> call, std::size_t its_position, Clock::time_point now)
      : position(its_position), attempts(now), call_(std::move(call)) {}

  void done(Result<Rows> result) noexcept override {
    std::unique_ptr<Request> self(this);
    // Given back in the reverse order: once the pass is, the store may close and be without a
    // session.
    const auto call = call_;
    const auto pass = std::exchange(pass_, std::nullopt);
    const auto session = call->table_->access().session;
    call->attempted(std::move(self), std::move(result));
    session->window().release();
  }

  /// \throws Error if the store is closed.
  void enter(core::Gate& requests) { pass_.emplace(requests.enter()); }

  // Under the lock of the call.
  const std::size_t position;
  std::size_t slot = 0;  ///< in the call's list of open requests
  Attempts attempts;
  bool at_driver = false;
  bool unknown = false;  ///< some attempt may have been applied
  std::shared_ptr<const Statement> statement;

 private:
  std::shared_ptr<KeyedCall> call_;
  std::optional<core::Gate::Pass> pass_;
};

KeyedCall::~KeyedCall() = default;

KeyedCall::KeyedCall(std::shared_ptr<Table> table, DistinctKeys keys, Effect effect)
    : table_(std::move(table)), keys_(std::move(keys)), effect_(effect) {
  if (effect == Effect::write) timestamp_ = next_timestamp();
}

void KeyedCall::start(const core::Call& call) {
  const auto self = shared_from_this();
  const auto session = table_->access().session;
  alarm_ = session->timers().alarm([weak = weak_from_this()] {
    if (const auto rung = weak.lock()) rung->ring();
  });
  open_.reserve(std::min(keys_.size(), kMaxOpen));
  self_ = self;
  // From here on nothing throws but goes to the completion.
  deadline_ = call.deadline();
  if (const auto code = call.interruption()) {
    const std::string message(core::interruption_message(*code));
    return end({.code = *code, .message = message, .message_on_way = {}, .error = {}});
  }
  {
    const std::lock_guard lock(mutex_);
    set_alarm();
  }
  interruption_.arm(call, self);  // the call object is not looked at after this
  table_->setup().when_done([self](const TableSetup::Outcome& outcome) {
    if (outcome) {
      return self->end(
          {.code = outcome->code(), .message = {}, .message_on_way = {}, .error = *outcome});
    }
    self->topology_ = self->table_->topology();
    self->ask_for_statement();
  });
}

void KeyedCall::ask_for_statement() {
  statement().get([self = shared_from_this()](const LazyStatement::Prepared& prepared) {
    self->take(prepared);
  });
}

void KeyedCall::take(const LazyStatement::Prepared& prepared) noexcept {
  if (const auto* error = std::get_if<DriverError>(&prepared)) {
    auto message = describe(*error, doing());
    return end({.code = judge(*error, effect_).code,
                .message = message,
                .message_on_way = message,
                .error = {}});
  }
  std::shared_ptr<SessionCore> session;
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return;  // the store may be closed, and without a session
    session = table_->access().session;
    statement_ = std::get<std::shared_ptr<const Statement>>(prepared);
  }
  session->window().want(shared_from_this());
}

Window::Turn KeyedCall::send_one() noexcept {
  std::unique_ptr<Request> request;
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    request = next_request();
    if (!request) return {.sent = false, .more = false};
    request->at_driver = true;
    request->statement = statement_;
    more = has_work();
    ++sending_;
  }
  transmit(std::move(request));
  {
    const std::lock_guard lock(mutex_);
    --sending_;
  }
  complete_if_due();
  return {.sent = true, .more = more};
}

bool KeyedCall::has_work() const noexcept {
  if (ending_ || !statement_) return false;
  return !ready_.empty() || (next_ < keys_.size() && open_.size() < kMaxOpen);
}

std::unique_ptr<KeyedCall::Request> KeyedCall::next_request() {
  if (!has_work()) return nullptr;
  if (!ready_.empty()) {
    auto request = std::move(ready_.front());
    ready_.pop_front();
    return request;
  }
  auto request = std::make_unique<Request>(shared_from_this(), keys_.position(next_++),
                                           table_->access().session->timers().now());
  request->slot = open_.size();
  open_.push_back(request.get());
  return request;
}

void KeyedCall::transmit(std::unique_ptr<Request> request) noexcept {
  Request& sent = *request;
  const SessionCore& session = *table_->access().session;
  try {
    std::vector<NodeId> replicas;
    pick_replicas(sent, replicas);
    auto options = table_->request_options();
    options.timestamp = timestamp_;
    options.timeout =
        sent.attempts.timeout(session.timers().now(), options.timeout, session.settings().retries);
    options.replicas = replicas;
    std::array<Value, 2> values{key(sent.position), std::string_view{}};
    const auto second = second_value(sent.position);
    if (second) values[1] = *second;
    sent.enter(*table_->access().requests);
    session.driver().execute(*sent.statement, std::span(values).first(second ? 2 : 1), options,
                             sent);
    static_cast<void>(request.release());  // `done` has it now
  } catch (const Error& error) {           // the store is closing
    request.release()->done(
        DriverError{.code = DriverErrorCode::session_ended, .message = error.what()});
  } catch (const std::exception& error) {
    request.release()->done(DriverError{.message = error.what()});
  }
}

/// The replicas in another order for each attempt, and for each key another one first.
void KeyedCall::pick_replicas(const Request& request, std::vector<NodeId>& replicas) const {
  const auto token = token_of(as_bytes(key(request.position)));
  const auto failed = static_cast<std::size_t>(request.attempts.failed());
  if (failed == 0 && topology_) {
    topology_->replicas(token, replicas);
  } else {
    table_->topology()->replicas(token, replicas);
  }
  if (replicas.size() < 2) return;
  const auto first = (request.position + failed) % replicas.size();
  std::ranges::rotate(replicas, replicas.begin() + static_cast<std::ptrdiff_t>(first));
}

void KeyedCall::attempted(std::unique_ptr<Request> request, Result<Rows> result) noexcept {
  std::optional<Bytes> value;
  const auto* rows = std::get_if<Rows>(&result);
  if (rows != nullptr && rows->size() > 0) value = rows->value(0, 0);
  const auto* error = std::get_if<DriverError>(&result);
  const bool stale = error != nullptr && error->code == DriverErrorCode::unprepared;
  if (stale) statement().forget(request->statement);

  bool work = false;
  bool ask = false;
  {
    const std::lock_guard lock(mutex_);
    if (completed_) return;  // interrupted while this was at the driver
    request->at_driver = false;
    if (stale && statement_ == request->statement) {
      statement_.reset();
      ask = true;
    }
    if (error == nullptr) {
      succeed(request->position, std::move(value));
      close(*request);
    } else {
      try_again_or_fail(std::move(request), *error);
    }
    work = has_work();
  }
  if (ask) ask_for_statement();
  if (work) table_->access().session->window().queue(shared_from_this());
  complete_if_due();
}

void KeyedCall::try_again_or_fail(std::unique_ptr<Request> request, const DriverError& error) {
  const SessionCore& session = *table_->access().session;
  const Verdict verdict = judge(error, effect_);
  request->unknown = request->unknown || verdict.outcome == Outcome::unknown;
  if (ending_) {
    fail_by_ending(*request);
    return close(*request);
  }
  const auto again = verdict.retry ? request->attempts.fail(session.timers().now(), random_jitter(),
                                                            session.settings().retries)
                                   : std::nullopt;
  if (!again) {
    fail(*request, verdict.code, describe(error, doing()));
    return close(*request);
  }
  later_.emplace(*again, std::move(request));
  set_alarm();
}

void KeyedCall::fail(const Request& request, ErrorCode code, std::string message) {
  failures_.push_back({request.position, std::string(key(request.position)), code,
                       request.unknown ? Outcome::unknown : Outcome::failed, std::move(message)});
}

void KeyedCall::fail_by_ending(const Request& request) {
  const bool may_be_applied = effect_ == Effect::write && (request.at_driver || request.unknown);
  failures_.push_back({request.position, std::string(key(request.position)), ending_->code,
                       may_be_applied ? Outcome::unknown : Outcome::failed,
                       request.at_driver ? ending_->message_on_way : ending_->message});
}

void KeyedCall::close(const Request& request) noexcept {
  open_.back()->slot = request.slot;
  std::swap(open_[request.slot], open_.back());
  open_.pop_back();
}

void KeyedCall::set_alarm() {
  const auto time = later_.empty() ? deadline_ : std::min(deadline_, later_.begin()->first);
  if (time == alarm_time_) return;
  alarm_time_ = time;
  alarm_->set(time);
}

void KeyedCall::ring() noexcept {
  std::shared_ptr<SessionCore> session;
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || completed_) return;
    session = table_->access().session;
    const auto now = session->timers().now();
    if (now < deadline_) {
      while (!later_.empty() && later_.begin()->first <= now) {
        ready_.push_back(std::move(later_.begin()->second));
        later_.erase(later_.begin());
      }
      alarm_time_ = Clock::time_point::max();
      set_alarm();
    } else {
      session.reset();
    }
  }
  if (session) return session->window().want(shared_from_this());
  end({.code = ErrorCode::timeout,
       .message = std::string(core::interruption_message(ErrorCode::timeout)),
       .message_on_way =
           "the deadline of the call passed before the server answered; repeat the call, or allow "
           "more time",
       .error = {}});
}

void KeyedCall::cancel() noexcept {
  end({.code = ErrorCode::cancelled,
       .message = std::string(core::interruption_message(ErrorCode::cancelled)),
       .message_on_way =
           "the call was cancelled, or its store was closed, before the server answered",
       .error = {}});
}

void KeyedCall::end(Ending ending) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || completed_) return;
    ending_ = std::move(ending);
  }
  complete_if_due();
}

void KeyedCall::complete_if_due() noexcept {
  std::shared_ptr<KeyedCall> self;
  {
    const std::lock_guard lock(mutex_);
    const bool finished = next_ == keys_.size() && open_.empty();
    if (completed_ || sending_ > 0 || (!ending_ && !finished)) return;
    completed_ = true;
    alarm_->set(Clock::time_point::max());
    self = std::move(self_);
    // Requests at the driver go on, and end without being looked at.
    for (const Request* request : open_) fail_by_ending(*request);
    open_.clear();
  }
  // Nobody else looks at anything now.
  auto error = ending_ ? std::move(ending_->error) : std::nullopt;
  auto failures = error ? std::vector<KeyFailure>{} : all_failures();
  ready_.clear();
  later_.clear();
  complete(std::move(failures), std::move(error));
}

std::vector<KeyFailure> KeyedCall::all_failures() {
  auto failures = std::move(failures_);
  if (ending_) {
    for (; next_ < keys_.size(); ++next_) {
      const auto position = keys_.position(next_);
      failures.push_back(
          {position, std::string(key(position)), ending_->code, Outcome::failed, ending_->message});
    }
  }
  std::ranges::sort(failures, {}, &KeyFailure::index);
  if (failures.empty() || keys_.twins().empty()) return failures;
  std::vector<KeyFailure> twins;
  for (const auto& [position, twin] : keys_.twins()) {
    const auto found = std::ranges::lower_bound(failures, position, {}, &KeyFailure::index);
    if (found == failures.end() || found->index != position) continue;
    twins.push_back(*found);
    twins.back().index = twin;
  }
  std::ranges::move(twins, std::back_inserter(failures));
  std::ranges::sort(failures, {}, &KeyFailure::index);
  return failures;
}

}  // namespace bytestore::cassandra
