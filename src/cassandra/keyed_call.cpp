#include "cassandra/keyed_call.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <span>
#include <utility>

#include "cassandra/keyed_request.hpp"
#include "cassandra/timestamps.hpp"

namespace bytestore::cassandra {
namespace {

/// Keys that are put into the plan at a time: enough for whole groups in a cluster of dozens of
/// replica sets, and little to hold.
constexpr std::size_t kPlannedKeys = 4'096;

/// All planned keys of a replica set at once, for a request that is not sent.
constexpr GroupPlan::Limits kWholeSet{.keys = kPlannedKeys,
                                      .bytes = std::numeric_limits<std::size_t>::max()};

Window::Answer::Kind kind_of(const Result<Rows>& result) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  if (error == nullptr) return Window::Answer::Kind::good;
  return is_congestion(*error) ? Window::Answer::Kind::congested : Window::Answer::Kind::other;
}

}  // namespace

void KeyedCall::Request::done(Result<Rows> result) noexcept {
  std::unique_ptr<Request> self(this);
  // Given back in the reverse order: once the pass is, the store may close and be without a
  // session.
  const auto call = call_;
  const auto pass = std::exchange(pass_, std::nullopt);
  const auto session = call->table_->access().session;
  const auto now = session->timers().now();
  if (std::exchange(is_counted, false) && node) {
    session->loads().done(*node, NodeLoads::ending_of(result), now);
  }
  const Window::Answer answer{.kind = kind_of(result),
                              .latency = now - sent_at,
                              .bytes = window_bytes,
                              .workload = call->workload(*this)};
  if (answer.kind == Window::Answer::Kind::good) call->counters_.answered(answer.latency);
  call->attempted(std::move(self), std::move(result));
  session->window().release(answer);
}

KeyedCall::~KeyedCall() = default;

std::size_t KeyedCall::workload(const Request& request) const noexcept {
  constexpr std::array kVerbs{&TableCounters::mget, &TableCounters::mset, &TableCounters::mdelete};
  static_assert(2 * kVerbs.size() == WindowLimit::kKinds);
  const auto* const verb = std::ranges::find_if(
      kVerbs, [&](auto counters) { return &(table_->counters().*counters) == &counters_; });
  const auto number = static_cast<std::size_t>(verb - kVerbs.begin());
  return 2 * (number % kVerbs.size()) + (request.is_single() ? 0 : 1);
}

KeyedCall::KeyedCall(std::shared_ptr<Table> table, DistinctKeys keys, Effect effect,
                     VerbCounters TableCounters::* counters)
    : table_(std::move(table)),
      keys_(std::move(keys)),
      effect_(effect),
      counters_(table_->counters().*counters),
      timers_(table_->access().session->timers()),
      started_(timers_.now()) {
  const TableSettings& settings = table_->settings();
  if (effect == Effect::write && settings.client_timestamps) timestamp_ = next_timestamp();
  if (may_repeat()) speculative_delay_ = settings.speculative_delay;
}

void KeyedCall::start(const core::Call& call) {
  const auto self = shared_from_this();
  // While this starts, the table stays open, although an interruption may complete the call.
  const auto pass = table_->access().requests->enter();
  deadline_ = call.deadline();
  if (deadline_ != Clock::time_point::max() || speculative_delay_) make_alarm();
  self_ = self;
  // From here on nothing throws but goes to the completion.
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
          {.code = outcome->code(), .message = {}, .message_on_way = {}, .error = outcome});
    }
    self->prepare();
  });
}

void KeyedCall::prepare() noexcept {
  const auto fail = [&](ErrorCode code, const std::string& message) {
    end({.code = code, .message = message, .message_on_way = message, .error = {}});
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

void KeyedCall::ask_for(StatementPtr& prepared, LazyStatement& statement) {
  statement.get([self = shared_from_this(), &prepared](const LazyStatement::Prepared& result) {
    self->take(prepared, result);
  });
}

void KeyedCall::take(StatementPtr& prepared, const LazyStatement::Prepared& result) noexcept {
  if (const auto* error = std::get_if<DriverError>(&result)) {
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
    prepared = std::get<std::shared_ptr<const Statement>>(result);
    if (!has_work()) return;  // who brings the other statement sends
  }
  start_sending(session, shared_from_this());
}

Window::Turn KeyedCall::send_one() noexcept {
  std::unique_ptr<Request> request;
  Window::Turn turn{.sent = true, .more = false};
  {
    const std::lock_guard lock(mutex_);
    request = next_request();
    if (!request) return {.sent = false, .more = false};
    request->at_driver = true;
    request->sent_at = timers_.now();
    choose_node(*request);
    if (speculative_delay_) {
      hedge_time_ = std::min(hedge_time_, request->sent_at + *speculative_delay_);
      set_alarm();
    }
    request->statement = request->is_single() ? single_ : group_;
    request->window_bytes = request->group.bytes + request->group.positions.size() * answer_bytes();
    turn.bytes = request->window_bytes;
    turn.more = has_work();
    ++sending_;
  }
  transmit(std::move(request));
  {
    const std::lock_guard lock(mutex_);
    --sending_;
  }
  complete_if_due();
  return turn;
}

bool KeyedCall::has_work() const noexcept {
  if (ending_ || completed_) return false;
  if (!single_ || (has_groups() && !group_)) return false;
  return !ready_.empty() || ((next_ < keys_.size() || !plan_.empty()) && open_keys_ < kMaxOpen);
}

std::unique_ptr<KeyedCall::Request> KeyedCall::next_request() {
  if (!has_work()) return nullptr;
  if (!ready_.empty()) {
    auto request = std::move(ready_.front());
    ready_.pop_front();
    return request;
  }
  if (plan_.empty()) plan_more();
  auto request =
      std::make_unique<Request>(shared_from_this(), plan_.next(limits()), Attempts(timers_.now()));
  request->replicas = replica_sets_->nodes(request->group.set);
  open(*request);
  return request;
}

void KeyedCall::plan_more() {
  replica_sets_ = table_->replica_sets();  // also a long call follows the cluster
  const std::size_t end = std::min(keys_.size(), next_ + kPlannedKeys);
  for (; next_ < end; ++next_) {
    const std::size_t position = keys_.position(next_);
    const auto set = replica_sets_->of(token_of(as_bytes(key(position))));
    plan_.add(position, set, request_bytes(position));
  }
}

void KeyedCall::open(Request& request) {
  request.slot = open_.size();
  open_.push_back(&request);
  open_keys_ += request.group.positions.size();
}

void KeyedCall::transmit(std::unique_ptr<Request> request) noexcept {
  Request& sent = *request;
  const SessionCore& session = *table_->access().session;
  try {
    sent.enter(*table_->access().requests);
    auto options = table_->request_options();
    options.timestamp = timestamp_;
    options.timeout =
        sent.attempts.timeout(sent.sent_at, options.timeout, session.settings().retries);
    options.replicas = sent.replicas;
    options.paging_state = sent.paging_state;
    counters_.sent(sent.attempt(), sent.group.bytes);
    execute(*sent.statement, sent.group.positions, options, sent);
    static_cast<void>(request.release());  // `done` has it now
  } catch (const Error& error) {           // the store is closing
    request.release()->done(
        DriverError{.code = DriverErrorCode::session_ended, .message = error.what()});
  } catch (const std::exception& error) {
    request.release()->done(DriverError{.message = error.what()});
  }
}

/// Each attempt at another replica, if there is one; the first at the one with the fewest requests.
void KeyedCall::choose_node(Request& request) const {
  const std::size_t position = request.group.positions.front();
  const auto failed = static_cast<std::size_t>(request.attempts.failed());
  if (failed > 0) {  // the cluster may have changed
    const auto sets = table_->replica_sets();
    request.replicas = sets->nodes(sets->of(token_of(as_bytes(key(position)))));
  }
  const auto before = std::exchange(request.node, std::nullopt);
  if (request.replicas.empty()) return;
  table_->access().session->loads().choose(request.replicas, position + failed, before,
                                           request.sent_at);
  request.node = request.replicas.front();
  request.is_counted = true;
}

void KeyedCall::attempted(std::unique_ptr<Request> request, Result<Rows> result) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  const bool stale = error != nullptr && error->code == DriverErrorCode::unprepared;
  StatementPtr& prepared = request->is_single() ? single_ : group_;
  LazyStatement& statement = request->is_single() ? this->statement() : group_statement();
  if (stale) statement.forget(request->statement);

  bool work = false;
  bool ask = false;
  {
    const std::lock_guard lock(mutex_);
    // Interrupted while this was at the driver, or its rival was faster.
    if (completed_ || request->is_abandoned) return;
    request->at_driver = false;
    if (stale && prepared == request->statement) {
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
  if (ask) ask_for(prepared, statement);
  if (work) table_->access().session->window().queue(shared_from_this());
  complete_if_due();
}

void KeyedCall::answered(std::unique_ptr<Request> request, const Rows& rows) {
  if (request->rival != nullptr) abandon(*request->rival);
  request->rival = nullptr;
  const Taken taken = take_rows(request->group.positions, rows);
  counters_.received(taken.bytes);
  request->taken.bytes += taken.bytes;
  request->taken.values += taken.values;
  report_warnings(*table_->access().session, rows, doing());
  if (rows.paging_state().empty()) {
    learn(request->group.positions, request->taken);
    return close(*request);
  }
  request->paging_state = rows.paging_state();
  ready_.push_front(std::move(request));
}

void KeyedCall::try_again_or_fail(std::unique_ptr<Request> request, const DriverError& error) {
  const SessionCore& session = *table_->access().session;
  const Verdict verdict =
      request->is_single() ? judge(error, effect_) : judge_group(error, effect_);
  request->unknown = request->unknown || verdict.outcome == Outcome::unknown;
  if (Request* const rival = request->rival) {  // which may still succeed
    rival->unknown = rival->unknown || request->unknown;
    rival->rival = nullptr;
    return close(*request);
  }
  request->is_hedge = false;
  if (ending_) {
    fail_by_ending(*request);
    return close(*request);
  }
  // With the server's time another attempt would come after what others wrote in between.
  const bool repeat = verdict.retry && (may_repeat() || !request->unknown);
  const auto again =
      repeat ? request->attempts.fail(timers_.now(), random_jitter(), session.settings().retries)
             : std::nullopt;
  if (!again || !can_wait()) {
    fail(*request, verdict.code, describe(error, doing()));
    return close(*request);
  }
  report_retry(session, error, doing());
  if (request->is_single()) {
    later_.emplace(*again, std::move(request));
  } else {
    split(*request, *again);
  }
  set_alarm();
}

/// One bad key, or one that is slow to answer, must not fail its neighbours.
void KeyedCall::split(const Request& request, Clock::time_point again) {
  close(request);
  for (const std::size_t position : request.group.positions) {
    auto one = std::make_unique<Request>(
        shared_from_this(),
        GroupPlan::Group{
            .set = request.group.set, .bytes = request_bytes(position), .positions = {position}},
        request.attempts);
    one->unknown = request.unknown;
    one->node = request.node;
    open(*one);
    later_.emplace(again, std::move(one));
  }
}

void KeyedCall::fail(const Request& request, ErrorCode code, const std::string& message) {
  for (const std::size_t position : request.group.positions) {
    failures_.push_back({position, std::string(key(position)), code,
                         request.unknown ? Outcome::unknown : Outcome::failed, message});
  }
}

void KeyedCall::fail_by_ending(const Request& request) {
  if (!ending_) return;
  const bool on_way = request.at_driver || (request.rival != nullptr && request.rival->at_driver);
  const bool unknown = request.unknown || (request.rival != nullptr && request.rival->unknown);
  const bool may_be_applied = effect_ == Effect::write && (on_way || unknown);
  for (const std::size_t position : request.group.positions) {
    failures_.push_back({position, std::string(key(position)), ending_->code,
                         may_be_applied ? Outcome::unknown : Outcome::failed,
                         on_way ? ending_->message_on_way : ending_->message});
  }
}

void KeyedCall::close(const Request& request) noexcept {
  open_keys_ -= request.group.positions.size();
  open_.back()->slot = request.slot;
  std::swap(open_[request.slot], open_.back());
  open_.pop_back();
}

/// Its keys were answered by its rival; if it is at the driver, it ends without being looked at.
void KeyedCall::abandon(Request& request) {
  close(request);
  if (request.at_driver) {
    request.is_abandoned = true;
  } else {
    std::erase_if(ready_, [&](const auto& waiting) { return waiting.get() == &request; });
  }
}

/// Has those that were sent the longest ago sent to other replicas too.
void KeyedCall::hedge(Clock::time_point now) {
  if (now < hedge_time_) return;
  hedge_time_ = Clock::time_point::max();
  const auto slow = [&](const Request* request) {
    if (!request->at_driver || request->rival != nullptr || request->replicas.size() < 2 ||
        !request->paging_state.empty()) {
      return false;
    }
    const auto due = request->sent_at + *speculative_delay_;
    if (due > now) hedge_time_ = std::min(hedge_time_, due);
    return due <= now;
  };
  std::vector<Request*> slow_ones;
  std::ranges::copy_if(open_, std::back_inserter(slow_ones), slow);
  for (Request* const request : slow_ones) {
    auto rival = std::make_unique<Request>(shared_from_this(), request->group, request->attempts);
    rival->replicas = request->replicas;
    rival->node = request->node;
    rival->unknown = request->unknown;
    rival->is_hedge = true;
    rival->rival = request;
    request->rival = rival.get();
    open(*rival);
    ready_.push_back(std::move(rival));
  }
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
  auto time = std::min(deadline_, hedge_time_);
  if (!later_.empty()) time = std::min(time, later_.begin()->first);
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
    const auto now = timers_.now();
    if (now < deadline_) {
      while (!later_.empty() && later_.begin()->first <= now) {
        ready_.push_back(std::move(later_.begin()->second));
        later_.erase(later_.begin());
      }
      hedge(now);
      alarm_time_ = Clock::time_point::max();
      set_alarm();
    } else {
      session.reset();
    }
  }
  if (session) return start_sending(session, shared_from_this());
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
  decltype(ready_) ready;
  decltype(later_) later;
  {
    const std::lock_guard lock(mutex_);
    if (completed_ || sending_ > 0) return;  // who completes looks at the rest without the lock
    const bool finished = next_ == keys_.size() && plan_.empty() && open_.empty();
    if (!ending_ && !finished) return;
    completed_ = true;
    if (alarm_) alarm_->set(Clock::time_point::max());
    self = std::move(self_);
    // Requests at the driver go on, and end without being looked at.
    for (const Request* request : open_) {
      if (!request->is_hedge || request->rival == nullptr) fail_by_ending(*request);
    }
    open_.clear();
    ready.swap(ready_);
    later.swap(later_);
  }
  // Nobody else looks at what follows now.
  ready.clear();
  later.clear();
  auto error = ending_ ? std::move(ending_->error) : std::nullopt;
  auto failures = error ? std::vector<KeyFailure>{} : all_failures();
  for (const KeyFailure& failure : failures) counters_.failed(failure.code);
  counters_.ended(keys_.size() + keys_.twins().size(), timers_.now() - started_);
  complete(std::move(failures), std::move(error));
}

std::vector<KeyFailure> KeyedCall::all_failures() {
  auto failures = std::move(failures_);
  if (ending_) {
    const auto never_sent = [&](std::size_t position) {
      failures.push_back(
          {position, std::string(key(position)), ending_->code, Outcome::failed, ending_->message});
    };
    while (!plan_.empty()) {
      for (const auto position : plan_.next(kWholeSet).positions) {
        never_sent(position);
      }
    }
    for (; next_ < keys_.size(); ++next_) never_sent(keys_.position(next_));
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
