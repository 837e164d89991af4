#include "cassandra/calls/batch_call.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <span>
#include <string>
#include <utility>

#include "cassandra/session/timestamps.hpp"

namespace bytestore::cassandra {
namespace {

Window::Completion::Kind kind_of(const Result<Rows>& result) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  if (error == nullptr) return Window::Completion::Kind::good;
  if (error->code == DriverErrorCode::attempt_timeout) return Window::Completion::Kind::timed_out;
  return is_congestion(*error) ? Window::Completion::Kind::congested
                               : Window::Completion::Kind::other;
}

/// Whether a server has answered, and with how much.
bool has_arrived(const Result<Rows>& result) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  return error == nullptr || is_of_server(error->code);
}

std::size_t bytes_of(const Result<Rows>& result) noexcept {
  const auto* rows = std::get_if<Rows>(&result);
  return rows == nullptr ? 0 : rows->bytes();
}

BatchState::Rules rules_of(const Table& table, Effect effect) {
  const TableSettings& settings = table.settings();
  const SharedSession& session = *table.access().session;
  BatchState::Rules rules{.effect = effect,
                          .may_repeat = effect == Effect::read || settings.client_timestamps,
                          .retries = session.settings().retries,
                          .begun = session.timers().now()};
  if (rules.may_repeat) rules.speculative_delay = settings.speculative_delay;
  return rules;
}

}  // namespace

/// A request that is at the driver; lives until it is answered.
class BatchCall::InFlight final : public RowsSink {
 public:
  InFlight(std::shared_ptr<BatchCall> call, RequestPtr request, StatementPtr statement)
      : call_(std::move(call)), request_(std::move(request)), statement_(std::move(statement)) {}

  /// \throws Error if the store is closed.
  void enter(core::Gate& requests) { pass_.emplace(requests.enter()); }

  /// How long this attempt may take: longer than most if its bytes need it.
  [[nodiscard]] std::chrono::milliseconds charge(SharedSession& session,
                                                 std::chrono::milliseconds attempt_timeout) {
    ticket_ = session.window().charge(
        {.request = request_->group.bytes,
         .answer = request_->group.positions.size() * call_->answer_bytes()},
        request_->sent_at);
    const auto wanted = std::max(attempt_timeout, ticket_.patience);
    const auto timeout = request_->attempts.timeout(request_->sent_at, session.life().last(),
                                                    wanted, session.settings().retries);
    request_->is_cut_short = timeout < wanted;
    return timeout;
  }

  void done(Result<Rows> result) noexcept override;

  [[nodiscard]] const BatchRequest& request() const noexcept { return *request_; }
  [[nodiscard]] const Statement& statement() const noexcept { return *statement_; }

 private:
  std::shared_ptr<BatchCall> call_;
  RequestPtr request_;
  StatementPtr statement_;
  Window::Ticket ticket_{};
  std::optional<core::Gate::Pass> pass_;
};

void BatchCall::InFlight::done(Result<Rows> result) noexcept {
  const std::unique_ptr<InFlight> self(this);
  // Given back in the reverse order: once the pass is, the store may close and be without a
  // session.
  const auto pass = std::exchange(pass_, std::nullopt);
  const auto session = call_->table_->access().session;
  const auto now = session->timers().now();
  if (const auto node = request_->node) {
    session->loads().done(*node, ReplicaLoads::ending_of(result), now);
  }
  const Window::Completion answer{.kind = kind_of(result),
                                  .latency = now - request_->sent_at,
                                  .workload = call_->workload(*request_),
                                  .ticket = ticket_,
                                  .answer_bytes = bytes_of(result),
                                  .arrived = has_arrived(result),
                                  .now = now};
  if (answer.arrived) session->life().seen(now);
  if (answer.kind == Window::Completion::Kind::good) call_->counters_.answered(answer.latency);
  call_->attempted(std::move(request_), statement_, std::move(result));
  session->window().release(answer);
}

BatchCall::~BatchCall() = default;

std::size_t BatchCall::workload(const BatchRequest& request) const noexcept {
  constexpr std::array kVerbs{&TableCounters::mget, &TableCounters::mset, &TableCounters::mdelete};
  static_assert(2 * kVerbs.size() == ConcurrencyLimit::kKinds);
  const auto* const verb = std::ranges::find_if(
      kVerbs, [&](auto counters) { return &(table_->counters().*counters) == &counters_; });
  const auto number = static_cast<std::size_t>(verb - kVerbs.begin());
  return 2 * (number % kVerbs.size()) + (request.is_single() ? 0 : 1);
}

BatchCall::BatchCall(std::shared_ptr<Table> table, UniqueKeys keys, Effect effect,
                     VerbCounters TableCounters::* counters)
    : table_(std::move(table)),
      effect_(effect),
      counters_(table_->counters().*counters),
      timers_(table_->access().session->timers()),
      started_(timers_.now()),
      bytes_of_([this](std::size_t position) { return request_bytes(position); }),
      state_(std::move(keys), rules_of(*table_, effect)) {
  if (effect == Effect::write && table_->settings().client_timestamps) {
    timestamp_ = next_timestamp();
  }
}

void BatchCall::start(const core::Call& call) {
  const auto self = shared_from_this();
  // While this starts, the table stays open, although a cancellation may complete the call.
  const auto pass = table_->access().requests->enter();
  deadline_ = call.deadline();
  if (deadline_ != Clock::time_point::max() || state_.rules().speculative_delay) make_timer();
  self_ = self;
  // From here on nothing throws but goes to the completion.
  if (const auto code = call.interruption()) {
    const std::string message(core::interruption_message(*code));
    return end({.code = *code, .message = message, .message_in_flight = {}, .error = {}});
  }
  {
    const std::lock_guard lock(mutex_);
    set_timer();
  }
  cancellation_.arm(call, self);  // the call object is not looked at after this
  table_->setup().when_done([self](const TableSetup::Outcome& outcome) {
    if (outcome) {
      return self->end(
          {.code = outcome->code(), .message = {}, .message_in_flight = {}, .error = outcome});
    }
    self->prepare();
  });
  watch_statements();
}

void BatchCall::prepare() noexcept {
  const auto fail = [&](ErrorCode code, const std::string& message) {
    end({.code = code, .message = message, .message_in_flight = message, .error = {}});
  };
  try {
    const auto pass = table_->access().requests->enter();
    ask_for(single_, statement());
    if (has_groups()) ask_for(group_, group_statement());
  } catch (const Error& error) {  // the store was closed while the table was set up
    fail(error.code(), error.what());
  } catch (const std::exception& error) {
    fail(ErrorCode::io, error.what());
  }
}

void BatchCall::ask_for(StatementPtr& prepared, LazyStatement& statement) {
  statement.get([self = shared_from_this(), &prepared](const LazyStatement::Prepared& result) {
    self->take(prepared, result);
  });
}

void BatchCall::take(StatementPtr& prepared, const LazyStatement::Prepared& result) noexcept {
  if (const auto* error = std::get_if<DriverError>(&result)) {
    const auto message = describe(*error, operation());
    return end({.code = classify(*error, effect_).code,
                .message = message,
                .message_in_flight = message,
                .error = {}});
  }
  std::shared_ptr<SharedSession> session;
  {
    const std::lock_guard lock(mutex_);
    if (state_.is_ending()) return;  // the store may be closed, and without a session
    session = table_->access().session;
    prepared = std::get<std::shared_ptr<const Statement>>(result);
    if (!has_work()) return;  // who brings the other statement sends
  }
  start_sending(session, shared_from_this());
}

Window::SendResult BatchCall::send_one() noexcept {
  std::unique_ptr<InFlight> sent;
  Window::SendResult turn{.sent = true, .more = false};
  {
    const std::lock_guard lock(mutex_);
    if (!has_work()) return {.sent = false, .more = false};
    if (state_.wants_plan()) plan_more();
    auto request = state_.next(limits(), timers_.now());
    choose_node(*request);
    set_timer();
    const auto& statement = request->is_single() ? single_ : group_;
    sent = std::make_unique<InFlight>(shared_from_this(), std::move(request), statement);
    turn.more = has_work();
    ++sending_;
  }
  transmit(std::move(sent));
  {
    const std::lock_guard lock(mutex_);
    --sending_;
  }
  complete_if_due();
  return turn;
}

bool BatchCall::has_work() const noexcept {
  return !completed_ && is_prepared() && state_.has_next();
}

void BatchCall::plan_more() {
  replica_sets_ = table_->replica_sets();  // also a long call follows the cluster
  state_.plan(
      [this](auto position) { return replica_sets_->of(token_of(as_bytes(key(position)))); },
      bytes_of_);
}

void BatchCall::transmit(std::unique_ptr<InFlight> sent) noexcept {
  const BatchRequest& request = sent->request();
  try {
    sent->enter(*table_->access().requests);
    auto options = table_->request_options();
    options.timestamp = timestamp_;
    options.timeout = sent->charge(*table_->access().session, options.timeout);
    options.replicas = request.replicas;
    options.paging_state = request.paging_state;
    counters_.sent(request.attempt(), request.group.bytes);
    execute(sent->statement(), request.group.positions, options, *sent);
    static_cast<void>(sent.release());  // `done` has it now
  } catch (const Error& error) {        // the store is closing
    sent.release()->done(
        DriverError{.code = DriverErrorCode::session_ended, .message = error.what()});
  } catch (const std::exception& error) {
    sent.release()->done(DriverError{.message = error.what()});
  }
}

void BatchCall::choose_node(BatchRequest& request) const {
  const std::size_t position = request.group.positions.front();
  const auto known = [&] { return replica_sets_->nodes(request.group.set); };
  const auto latest = [&] {
    const auto sets = table_->replica_sets();
    return sets->nodes(sets->of(token_of(as_bytes(key(position)))));
  };
  choose_replica(request,
                 {.is_first = request.is_new(),
                  .failed = request.attempts.failed(),
                  .offset = position,
                  .now = request.sent_at},
                 known, latest, table_->access().session->loads());
}

void BatchCall::attempted(RequestPtr request, const StatementPtr& statement,
                          Result<Rows> result) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  const bool stale = error != nullptr && error->code == DriverErrorCode::unprepared;
  StatementPtr& prepared = request->is_single() ? single_ : group_;
  LazyStatement& source = request->is_single() ? this->statement() : group_statement();
  if (stale) source.forget(statement);

  bool work = false;
  bool ask = false;
  {
    const std::lock_guard lock(mutex_);
    // Interrupted while this was at the driver, or its sibling was faster.
    if (completed_ || BatchState::is_abandoned(*request)) return;
    if (stale && prepared == statement) {
      prepared.reset();
      ask = true;
    }
    if (error == nullptr) {
      answered(std::move(request), std::get<Rows>(result));
    } else {
      try_again_or_fail(std::move(request), *error);
    }
    work = has_work();
  }
  if (ask) {
    ask_for(prepared, source);
    watch_statements();
  }
  if (work) table_->access().session->window().queue(shared_from_this());
  complete_if_due();
}

void BatchCall::answered(RequestPtr request, const Rows& rows) {
  const auto& positions = request->group.positions;
  const Taken taken = take_rows(positions, rows);
  counters_.received(taken.bytes);
  request->taken.bytes += taken.bytes;
  request->taken.values += taken.values;
  report_warnings(*table_->access().session, rows, operation());
  if (rows.paging_state().empty()) learn(positions, request->taken);
  state_.answered(std::move(request), rows.paging_state());
}

void BatchCall::try_again_or_fail(RequestPtr request, const DriverError& error) {
  SharedSession& session = *table_->access().session;
  const RetryMoment moment = retry_moment(session);
  state_.note_cause(*request, error, operation());
  const auto decision = state_.failed(*request, error, moment);
  if (!decision) return;
  if (!decision->retry_at || !can_wait()) {
    state_.fail(*request);
    // Where nothing answers the keys that were never sent end with those that were.
    if (state_.is_silent(moment)) state_.end(by_silence());
    return;
  }
  report_retry(session, error, operation());
  state_.try_again(std::move(request), *decision->retry_at, bytes_of_);
  set_timer();
}

void BatchCall::complete_if_due() noexcept {
  std::shared_ptr<BatchCall> self;
  {
    const std::lock_guard lock(mutex_);
    // Who completes looks at the rest without the lock.
    if (completed_ || sending_ > 0 || !state_.is_due()) return;
    completed_ = true;
    if (timer_) timer_->set(Clock::time_point::max());
    self = std::move(self_);
    state_.close_all();
  }
  // Nobody else looks at what follows now.
  auto error = state_.take_error();
  auto failed = error ? std::vector<KeyFailure>{} : failures();
  for (const KeyFailure& failure : failed) counters_.failed(failure.code);
  counters_.ended(keys().size() + keys().duplicates().size(), timers_.now() - started_);
  complete(std::move(failed), std::move(error));
}

std::vector<KeyFailure> BatchCall::failures() {
  auto failures = state_.take_failures();
  for (KeyFailure& failure : failures) failure.key = key(failure.index);
  return failures;
}

}  // namespace bytestore::cassandra
