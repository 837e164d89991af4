#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

#include "cassandra/calls/batch_call.hpp"
#include "cassandra/cql/ascii.hpp"
#include "cassandra/flow/timestamps.hpp"

// How a call begins: it waits for the set-up of the table and for the statements of its requests,
// unless they are there already.
namespace bytestore::cassandra {
namespace {

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

UniqueKeys keys_of(const BatchBinding& binding) {
  return {binding.size(), binding.about().keep, [&](std::size_t i) { return binding.key(i); }};
}

}  // namespace

void BatchCall::start(std::shared_ptr<Table> table, std::unique_ptr<BatchBinding> binding,
                      const core::Call& call) {
  std::make_shared<BatchCall>(std::move(table), std::move(binding))->start(call);
}

BatchCall::BatchCall(std::shared_ptr<Table> table, std::unique_ptr<BatchBinding> binding)
    : table_(std::move(table)),
      binding_(std::move(binding)),
      counters_(table_->counters(about().verb)),
      timers_(table_->access().session->timers()),
      started_(timers_.now()),
      bytes_of_([this](std::size_t position) { return binding_->request_bytes(position); }),
      state_(keys_of(*binding_), rules_of(*table_, about().effect)),
      statements_(&table_->statements(about().verb)),
      needs_group_(has_groups() && statements_->group != nullptr) {
  if (about().effect == Effect::write && table_->settings().client_timestamps) {
    timestamp_ = next_timestamp();
  }
}

BatchCall::~BatchCall() = default;

void BatchCall::start(const core::Call& call) {
  const auto self = shared_from_this();
  const KeepOpen keep_open(table_->access());
  deadline_ = call.deadline();
  if (deadline_ != Clock::time_point::max() || state_.rules().speculative_delay) make_timer();
  self_ = self;
  // From here on nothing is thrown: it goes to the completion.
  take_step([&] { begin(call); });
}

void BatchCall::begin(const core::Call& call) {
  const auto self = shared_from_this();
  if (const auto code = call.interruption()) {
    const std::string message(core::interruption_message(*code));
    return end({.code = *code, .message = message, .message_in_flight = {}, .error = {}});
  }
  take_what_is_there();
  const bool is_ready = is_prepared();
  if (timer_) {
    const std::lock_guard lock(mutex_);
    set_timer();
  }
  cancellation_.arm(call, self);  // the call object is not looked at after this
  if (is_ready) {
    if (refuse_keys()) return;
    return start_sending(table_->access().session, self);
  }
  table_->setup().when_done([self](const TableSetup::Outcome& outcome) {
    self->take_step([&] {
      if (outcome) return self->end_with(*outcome);
      if (!self->refuse_keys()) self->prepare();
    });
  });
  watch_statements();
}

/// While nobody else knows of this call: so most calls take no lock for it.
void BatchCall::take_what_is_there() noexcept {
  if (!table_->setup().is_usable()) return;
  single_ = statements_->single->ready();
  if (needs_group_) group_ = statements_->group->ready();
}

bool BatchCall::refuse_keys() {
  if (!table_->setup().layout().has_ascii_keys) return false;
  for (std::size_t i = 0; i < binding_->size(); ++i) {
    const auto byte = find_non_ascii(binding_->key(i));
    if (!byte) continue;
    const auto message = fmt::format(
        "key {} of {} (counted from 0) is not ASCII at byte {}, and row_id of the table {} is; "
        "encode it, for instance in base64; nothing of this call was done",
        i, binding_->size(), *byte, table_->name().cql());
    end_with(Error(ErrorCode::invalid_argument, message));
    return true;
  }
  return false;
}

void BatchCall::prepare() {
  try {
    const KeepOpen keep_open(table_->access());
    {
      const std::lock_guard lock(mutex_);
      statements_ = &table_->statements(about().verb);  // the table is known only now
    }
    ask_for(*statements_->single, single_);
    if (needs_group_) ask_for(*statements_->group, group_);
  } catch (const Error& error) {  // the store was closed while the table was set up
    const std::string message = error.what();
    end({.code = error.code(), .message = message, .message_in_flight = message, .error = {}});
  }
}

void BatchCall::ask_for(LazyStatement& statement, StatementPtr& prepared) {
  statement.get([self = shared_from_this(), &prepared](const LazyStatement::Prepared& result) {
    self->take_step([&] { self->take(prepared, result); });
  });
}

void BatchCall::take(StatementPtr& prepared, const LazyStatement::Prepared& result) {
  if (const auto* error = std::get_if<DriverError>(&result)) {
    const auto message = describe(*error, about().operation);
    return end({.code = classify(*error, about().effect).code,
                .message = message,
                .message_in_flight = message,
                .error = {}});
  }
  std::shared_ptr<SharedSession> session;
  {
    const std::lock_guard lock(mutex_);
    if (is_ending()) return;  // the store may be closed, and without a session
    session = table_->access().session;
    prepared = std::get<StatementPtr>(result);
    if (!has_work()) return;  // who brings the other statement sends
  }
  start_sending(session, shared_from_this());
}

/// What waits for the set-up or for statements ends in time where nothing answers.
void BatchCall::watch_statements() noexcept {
  const std::lock_guard lock(mutex_);
  if (!is_ending() && !is_prepared() && can_wait()) set_timer();
}

/// Why the set-up or a statement is not there yet.
CausePtr BatchCall::cause_of_waiting() const {
  if (auto cause = table_->setup().last_failure()) return cause;
  if (auto cause = statements_->single->last_failure()) return cause;
  return needs_group_ ? statements_->group->last_failure() : nullptr;
}

}  // namespace bytestore::cassandra
