#include "cassandra/keyed_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <span>
#include <utility>

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
  switch (error->code) {
    case DriverErrorCode::overloaded:
    case DriverErrorCode::read_timeout:
    case DriverErrorCode::write_timeout:
    case DriverErrorCode::attempt_timeout:
      return Window::Answer::Kind::congested;
    default:
      return Window::Answer::Kind::other;
  }
}

}  // namespace

/// The attempts at a group of keys. Owned by the call, but by itself while it is at the driver.
class KeyedCall::Request final : public RowsSink {
 public:
  Request(std::shared_ptr<KeyedCall> call, GroupPlan::Group its_group, const Attempts& its_attempts)
      : group(std::move(its_group)), attempts(its_attempts), call_(std::move(call)) {}

  void done(Result<Rows> result) noexcept override {
    std::unique_ptr<Request> self(this);
    // Given back in the reverse order: once the pass is, the store may close and be without a
    // session.
    const auto call = call_;
    const auto pass = std::exchange(pass_, std::nullopt);
    const auto session = call->table_->access().session;
    if (std::exchange(is_counted, false) && node) session->loads().done(*node);
    const Window::Answer answer{.kind = kind_of(result),
                                .latency = session->timers().now() - sent_at,
                                .bytes = window_bytes};
    call->attempted(std::move(self), std::move(result));
    session->window().release(answer);
  }

  /// \throws Error if the store is closed.
  void enter(core::Gate& requests) { pass_.emplace(requests.enter()); }

  [[nodiscard]] bool is_single() const noexcept { return group.positions.size() == 1; }

  // Under the lock of the call, or by whom it was handed to.
  GroupPlan::Group group;
  std::size_t slot = 0;  ///< in the call's list of open requests
  Attempts attempts;
  std::size_t window_bytes = 0;
  Clock::time_point sent_at{};
  std::vector<NodeId> replicas{};
  std::optional<NodeId> node{};  ///< that the last attempt went to
  bool is_counted = false;       ///< whether the node has it among its requests
  std::string paging_state{};
  std::size_t value_bytes = 0;  ///< in the pages before this one
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
  // While this starts, the table stays open, although an interruption may complete the call.
  const auto pass = table_->access().requests->enter();
  const auto session = table_->access().session;
  alarm_ = session->timers().alarm([weak = weak_from_this()] {
    if (const auto rung = weak.lock()) rung->ring();
  });
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
    replica_sets_ = table_->replica_sets();
    const bool groups = keys_.size() > 1;
    group_.wanted = groups;  // nothing is sent before both are there
    ask_for(single_, statement());
    if (groups) ask_for(group_, group_statement());
  } catch (const Error& error) {  // the store was closed while the table was set up
    fail(error.code(), error.what());
  } catch (const std::exception& error) {
    fail(ErrorCode::io, error.what());
  }
}

void KeyedCall::ask_for(Prepared& prepared, LazyStatement& statement) {
  statement.get([self = shared_from_this(), &prepared](const LazyStatement::Prepared& result) {
    self->take(prepared, result);
  });
}

void KeyedCall::take(Prepared& prepared, const LazyStatement::Prepared& result) noexcept {
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
    prepared.statement = std::get<std::shared_ptr<const Statement>>(result);
  }
  session->window().want(shared_from_this());
}

Window::Turn KeyedCall::send_one() noexcept {
  std::unique_ptr<Request> request;
  Window::Turn turn{.sent = true, .more = false};
  {
    const std::lock_guard lock(mutex_);
    request = next_request();
    if (!request) return {.sent = false, .more = false};
    request->at_driver = true;
    request->statement = request->is_single() ? single_.statement : group_.statement;
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
  if (ending_) return false;
  if (!single_.statement || (group_.wanted && !group_.statement)) return false;
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
  auto request = std::make_unique<Request>(shared_from_this(), plan_.next(limits()),
                                           Attempts(table_->access().session->timers().now()));
  request->replicas = replica_sets_->nodes(request->group.set);
  open(*request);
  return request;
}

void KeyedCall::plan_more() {
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
    choose_node(sent);
    auto options = table_->request_options();
    options.timestamp = timestamp_;
    sent.sent_at = session.timers().now();
    options.timeout =
        sent.attempts.timeout(sent.sent_at, options.timeout, session.settings().retries);
    options.replicas = sent.replicas;
    options.paging_state = sent.paging_state;
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
  table_->access().session->loads().choose(request.replicas, position + failed, before);
  request.node = request.replicas.front();
  request.is_counted = true;
}

void KeyedCall::attempted(std::unique_ptr<Request> request, Result<Rows> result) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  const bool stale = error != nullptr && error->code == DriverErrorCode::unprepared;
  Prepared& prepared = request->is_single() ? single_ : group_;
  LazyStatement& statement = request->is_single() ? this->statement() : group_statement();
  if (stale) statement.forget(request->statement);

  bool work = false;
  bool ask = false;
  {
    const std::lock_guard lock(mutex_);
    if (completed_) return;  // interrupted while this was at the driver
    request->at_driver = false;
    if (stale && prepared.statement == request->statement) {
      prepared.statement.reset();
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
  request->value_bytes += take_rows(request->group.positions, rows);
  if (rows.paging_state().empty()) {
    learn(request->value_bytes, request->group.positions.size());
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
  const bool may_be_applied = effect_ == Effect::write && (request.at_driver || request.unknown);
  for (const std::size_t position : request.group.positions) {
    failures_.push_back({position, std::string(key(position)), ending_->code,
                         may_be_applied ? Outcome::unknown : Outcome::failed,
                         request.at_driver ? ending_->message_on_way : ending_->message});
  }
}

void KeyedCall::close(const Request& request) noexcept {
  open_keys_ -= request.group.positions.size();
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
    if (completed_ || sending_ > 0) return;  // who completes looks at the rest without the lock
    const bool finished = next_ == keys_.size() && plan_.empty() && open_.empty();
    if (!ending_ && !finished) return;
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
