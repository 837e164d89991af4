#include "cassandra/calls/batch_call.hpp"

#include <exception>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "cassandra/calls/sent_request.hpp"
#include "core/out_of_memory.hpp"

namespace bytestore::cassandra {
namespace {

constexpr RequestGroups::Limits kOneKey{.keys = 1,
                                        .bytes = std::numeric_limits<std::size_t>::max()};

static_assert(kKindsOfRequests <= ConcurrencyLimit::kKinds);

}  // namespace

/// An attempt at a request.
class BatchCall::InFlight final : public SentRequest {
 public:
  InFlight(KeepOpen keep_open, std::shared_ptr<BatchCall> call, RequestPtr request,
           StatementPtr statement)
      : SentRequest(std::move(keep_open), *call->table_,
                    {.counters = call->counters_,
                     .operation = call->about().operation,
                     .kind = kind_of_request(call->about().verb, request->is_single()),
                     .may_repeat = call->state_.rules().may_repeat}),
        call_(std::move(call)),
        request_(std::move(request)),
        statement_(std::move(statement)) {}

  [[nodiscard]] Attempt attempt() const noexcept {
    const std::size_t keys = request_->group.positions.size();
    return {.kind = request_->attempt(),
            .attempts = request_->attempts,
            .replicas = request_->replicas,
            .paging_state = request_->paging_state,
            .bytes = {.request = request_->group.bytes,
                      .answer = keys * call_->binding_->answer_bytes()},
            .sent_at = request_->sent_at};
  }

 private:
  void execute(DriverSession& driver, RequestOptions& options) override {
    BatchBinding::Executed executed{.statement = *statement_};
    (call_->statements_->bind_timestamp ? executed.timestamp : options.timestamp) =
        call_->timestamp_;
    call_->binding_->execute(driver, executed, request_->group.positions, options, *this);
  }

  void completed(Result<Rows> result) noexcept override {
    request_->is_cut_short = is_cut_short();
    const auto call = std::move(call_);
    call->attempted(std::move(request_), statement_, std::move(result));
  }

  std::shared_ptr<BatchCall> call_;
  RequestPtr request_;
  StatementPtr statement_;
};

Window::SendResult BatchCall::send_one() noexcept {
  Window::SendResult turn{.sent = false, .more = false};
  take_step([&] { turn = send_next(); });
  return turn;
}

Window::SendResult BatchCall::send_next() {
  std::optional<KeepOpen> keep_open;
  try {
    keep_open.emplace(table_->access());
  } catch (const Error& error) {  // it is of a store that was closed, or of a parent process
    end({.code = error.code(), .message = error.what(), .message_in_flight = {}, .error = {}});
    return {.sent = false, .more = false};
  }
  std::unique_ptr<InFlight> request;
  Window::SendResult turn{.sent = true, .more = false};
  {
    const std::lock_guard lock(mutex_);
    if (!has_work()) return {.sent = false, .more = false};
    if (state_.wants_plan()) plan_more();
    auto next = state_.next(limits(), timers_.now());
    choose_node(*next);
    set_timer();
    const StatementPtr& statement = prepared_for(*next);
    request = std::make_unique<InFlight>(std::move(*keep_open), shared_from_this(), std::move(next),
                                         statement);
    turn.more = has_work();
    ++sending_;
  }
  const auto attempt = request->attempt();
  SentRequest::send(std::move(request), attempt);
  std::shared_ptr<BatchCall> due;
  {
    const std::lock_guard lock(mutex_);
    --sending_;
    due = take_if_due();
  }
  if (due) complete();
  return turn;
}

bool BatchCall::has_work() const noexcept {
  return !completed_ && !is_without_memory_ && is_prepared() && state_.has_next();
}

void BatchCall::plan_more() {
  replica_sets_ = table_->replica_sets();  // also a long call follows the cluster
  state_.plan(
      [this](auto position) {
        return replica_sets_->of(token_of(as_bytes(binding_->key(position))));
      },
      bytes_of_);
}

RequestGroups::Limits BatchCall::limits() const {
  return has_groups() && replica_sets_->places_keys() ? binding_->limits() : kOneKey;
}

void BatchCall::choose_node(BatchRequest& request) const {
  const std::size_t position = request.group.positions.front();
  const auto known = [&] { return replica_sets_->nodes(request.group.set); };
  const auto latest = [&] {
    const auto sets = table_->replica_sets();
    return sets->nodes(sets->of(token_of(as_bytes(binding_->key(position)))));
  };
  choose_replica(request,
                 {.is_first = request.is_new(),
                  .failed = request.attempts.failed(),
                  .offset = position,
                  .now = request.sent_at},
                 known, latest, table_->access().session->loads());
}

LazyStatement& BatchCall::statement_for(const BatchRequest& request) const noexcept {
  return request.is_single() || !needs_group_ ? *statements_->single : *statements_->group;
}

void BatchCall::attempted(RequestPtr request, const StatementPtr& statement,
                          Result<Rows> result) noexcept {
  take_step([&] { take_result(std::move(request), statement, result); });
}

void BatchCall::take_result(RequestPtr request, const StatementPtr& statement,
                            const Result<Rows>& result) {
  const auto* error = std::get_if<DriverError>(&result);
  const auto attempts = static_cast<std::size_t>(request->attempts.failed()) + 1;
  const bool stale =
      error != nullptr && needs_new_statement(*error, attempts, request->replicas.size());
  StatementPtr& prepared = prepared_for(*request);
  LazyStatement& source = statement_for(*request);
  if (stale) source.forget(statement);

  std::optional<DriverError> failure;
  if (error != nullptr) failure = table_->setup().explained(*error);

  bool work = false;
  bool ask = false;
  std::optional<DriverError> doubt;
  std::shared_ptr<BatchCall> due;
  {
    const std::lock_guard lock(mutex_);
    // Interrupted while this was in flight, or its sibling was faster.
    if (completed_ || is_without_memory_ || BatchState::is_abandoned(*request)) return;
    if (stale && prepared == statement) {
      prepared.reset();
      ask = true;
    }
    if (failure) {
      try_again_or_fail(std::move(request), *failure);
    } else {
      doubt = answered(request, std::get<Rows>(result));
    }
    work = has_work();
    due = take_if_due();
  }
  if (due) return complete();
  if (doubt) return look_for_masks(std::move(request), *doubt);
  if (ask) {
    ask_for(source, prepared);
    watch_statements();
  }
  if (work) table_->access().session->window().queue(shared_from_this());
}

std::optional<DriverError> BatchCall::answered(RequestPtr& request, const Rows& rows) {
  const auto& positions = request->group.positions;
  const std::size_t before = request->taken.bytes;
  auto problem = binding_->take_rows(positions, rows, request->taken);
  counters_.received(request->taken.bytes - before);
  if (problem) {
    if (!request->is_single()) return problem;
    try_again_or_fail(std::move(request), *problem);
    return std::nullopt;
  }
  if (rows.paging_state().empty()) binding_->learn(positions, request->taken);
  state_.answered(std::move(request), rows.paging_state());
  return std::nullopt;
}

void BatchCall::try_again_or_fail(RequestPtr request, const DriverError& answer) {
  const DriverError error = with_size(answer, request->group.bytes, table_->largest_write());
  SharedSession& session = *table_->access().session;
  const RetryMoment moment = retry_moment(session);
  state_.note_cause(*request, error, about().operation);
  const auto decision = state_.failed(*request, error, moment);
  if (!decision) return;
  if (!decision->retry_at || !can_wait()) {
    if (concerns_all_keys(error)) state_.fail_unsent_too(*request);
    state_.fail(*request);
    // Where nothing answers the keys that were never sent end with those that were.
    if (state_.is_silent(moment)) state_.end(by_silence());
    return;
  }
  report_retry(session, error, about().operation);
  if (decision->regrouping == Regrouping::smaller) learn_key_limit(*request, error);
  state_.retry(std::move(request), *decision, bytes_of_, table_->key_limit(about().verb).most());
  set_timer();
}

std::shared_ptr<BatchCall> BatchCall::take_if_due() noexcept {
  if (completed_ || sending_ > 0 || !(is_without_memory_ || state_.is_due())) return nullptr;
  completed_ = true;
  if (timer_) timer_->set(Clock::time_point::max());
  try {
    if (!is_without_memory_) state_.close_all();
  } catch (const std::exception&) {
    is_without_memory_ = true;
  }
  return std::move(self_);
}

std::vector<KeyFailure> BatchCall::named_failures() {
  auto failures = state_.take_failures();
  for (KeyFailure& failure : failures) {
    failure.key = binding_->key(failure.index);
    counters_.failed(failure.code);
  }
  return failures;
}

void BatchCall::complete() noexcept {
  std::vector<KeyFailure> failures;
  std::optional<Error> error;
  try {
    if (is_without_memory_) {
      error = core::out_of_memory();
    } else if (error = state_.take_error(); !error) {
      failures = named_failures();
    }
  } catch (const std::exception&) {
    error = core::out_of_memory();
  }
  counters_.ended(keys().size() + keys().duplicates().size(), timers_.now() - started_);
  binding_->complete(keys(), std::move(failures), std::move(error));
}

void BatchCall::end_without_memory() noexcept {
  std::shared_ptr<BatchCall> due;
  {
    const std::lock_guard lock(mutex_);
    is_without_memory_ = true;
    due = take_if_due();
  }
  if (due) complete();
}

}  // namespace bytestore::cassandra
