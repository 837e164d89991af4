#include "cassandra/table/table_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "cassandra/cql/statements.hpp"
#include "cassandra/driver/self_owned.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/table/column_masks.hpp"

namespace bytestore::cassandra {
namespace {

constexpr std::string_view kPending =
    "Asynchronous setup of the DB not finished. Await aensure_db_setup first, or use the "
    "asynchronous methods, which wait for it.";

/// Of the nodes' agreement on a table that was made. It takes some 100 ms where all is well.
constexpr std::chrono::milliseconds kAgreement{5'000};

bool is_key(const Column& column) noexcept {
  return column.kind == ColumnKind::partition_key || column.kind == ColumnKind::clustering;
}

bool has_layout(const std::vector<Column>& columns) {
  const auto key = std::ranges::find(columns, "row_id", &Column::name);
  const auto value = std::ranges::find(columns, "body_blob", &Column::name);
  return std::ranges::count_if(columns, is_key) == 1 && key != columns.end() &&
         key->kind == ColumnKind::partition_key && key->type == "text" && value != columns.end() &&
         value->kind == ColumnKind::regular && value->type == "blob";
}

}  // namespace

TableState state_of(const TableDescription& found, const TableName& name) {
  if (!found.keyspace_exists) {
    return Error(ErrorCode::schema,
                 fmt::format("there is no keyspace {}; create it with the replication that you "
                             "need, or name another one",
                             cassandra::quoted(name.keyspace)));
  }
  if (!found.exists) return TableIsMissing{};
  if (found.columns.empty()) return TableHasNoColumns{};
  if (has_layout(found.columns)) return TableIsReady{};
  return Error(ErrorCode::schema,
               fmt::format("the table {} has other columns than row_id TEXT PRIMARY KEY and "
                           "body_blob BLOB; name another table",
                           name.cql()));
}

template <typename Answer, void (TableSetup::*Next)(Result<Answer>) noexcept, typename Ask>
void TableSetup::ask(Ask ask) noexcept {
  try {
    ask_once<Answer>(ask, [self = shared_from_this(), keep_open = KeepOpen(access_)](
                              Result<Answer> result) { (self.get()->*Next)(std::move(result)); });
  } catch (const Error& error) {  // the store is closing
    finish(error);
  } catch (const std::exception& error) {
    finish(Error(ErrorCode::io, error.what()));
  }
}

TableSetup::TableSetup(SessionUse access, TableName name)
    : access_(std::move(access)),
      name_(std::move(name)),
      questions_(std::make_shared<Questions>(access_)),
      masks_(std::make_shared<ServerCheck>(
          access_, fmt::format("asking whether the table {} is masked", name_.cql()),
          [name = name_, user = access_.session->settings().username](
              std::shared_ptr<Querier> servers, std::chrono::milliseconds timeout,
              RefusalSink& sink) { check_masks(std::move(servers), name, user, timeout, sink); })),
      attempts_(access_.session->timers().now()) {}

void TableSetup::start() noexcept { look_up(); }

void TableSetup::skip() noexcept {
  {
    const std::lock_guard lock(mutex_);
    skipped_ = true;
  }
  finish(std::nullopt);
}

void TableSetup::look_up() noexcept {
  ask<TableDescription, &TableSetup::looked_up>([this](TableSink& sink) {
    look_up_table(questions_, name_.keyspace, name_.table, sink, timeout());
  });
}

void TableSetup::looked_up(Result<TableDescription> result) noexcept {
  if (const auto* error = std::get_if<DriverError>(&result)) return try_later(*error);
  note_life();
  auto state = state_of(std::get<TableDescription>(result), name_);
  if (std::holds_alternative<TableIsMissing>(state)) {
    questions_->forget();
    if (!created_) return create();
    // Some servers answer before the table is there.
    return try_later({.code = DriverErrorCode::schema_agreement,
                      .message = "the table was created but cannot be seen"});
  }
  if (std::holds_alternative<TableHasNoColumns>(state)) {
    questions_->forget();
    return try_later({.code = DriverErrorCode::schema_agreement,
                      .message = "the table is being created, and has no columns yet"});
  }
  if (auto* error = std::get_if<Error>(&state)) return finish(std::move(*error));
  masks_->get([self = shared_from_this()](const Refusal& refusal) { self->finish(refusal); });
}

void TableSetup::create() noexcept {
  ask<Rows, &TableSetup::create_there>(
      [this](RowsSink& sink) { prefer_oldest_node(access_, questions_, timeout(), sink); });
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): as every answer is taken
void TableSetup::create_there(Result<Rows> /*preferred*/) noexcept {
  ask<Rows, &TableSetup::created>([this](RowsSink& sink) {
    RequestOptions options;
    options.consistency = access_.session->settings().consistency;
    options.timeout = timeout();
    questions_->change(create_cql(name_), options, sink);
  });
}

void TableSetup::created(Result<Rows> result) noexcept {
  const auto* error = std::get_if<DriverError>(&result);
  if (error == nullptr) {
    note_life();
    created_ = true;
    return await_agreement();
  }
  if (error->code == DriverErrorCode::unauthorized) {
    return finish(Error(
        ErrorCode::unauthorized,
        fmt::format("the table {} is not there and may not be created; grant CREATE on the "
                    "keyspace to the role of this session, or have it created by somebody else: "
                    "{} [{}]",
                    name_.cql(), create_cql(name_), error->message)));
  }
  try_later(*error);
}

/// Has the other nodes learn of the table, so that they can be asked for keys.
void TableSetup::await_agreement() noexcept {
  try {
    questions_->forget();
    const auto maker = questions_->node();
    if (!maker) return look_up();  // the driver knows no node
    const auto until = access_.session->timers().now() + std::min(timeout() / 2, kAgreement);
    {
      const std::lock_guard lock(mutex_);
      agreement_ =
          std::make_shared<SchemaAgreement>(access_, *maker, until, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->awaited_agreement();
          });
    }
    agreement_->start();
  } catch (const std::exception& error) {
    finish(Error(ErrorCode::io, error.what()));
  }
}

/// Who created the table first may have given it other columns, so that it is looked up: at the
/// node that made it, since the others may not know it.
void TableSetup::awaited_agreement() noexcept {
  try {
    const KeepOpen keep_open(access_);
    access_.session->driver().refresh_topology();  // its keyspace may be new too
  } catch (const Error& error) {                   // the store is closing
    return finish(error);
  } catch (const std::exception& error) {
    return finish(Error(ErrorCode::io, error.what()));
  }
  look_up();
}

void TableSetup::try_later(const DriverError& error) noexcept {
  if (is_of_server(error.code)) note_life();
  SharedSession& session = *access_.session;
  CausePtr cause;
  {
    const std::lock_guard lock(mutex_);
    last_failure_ = later_cause(last_failure_, error, is_cut_short_, operation());
    const RetryDecision decision = decide_retry(error, {.expects_table = false}, attempts_,
                                                retry_moment(session), session.settings().retries);
    if (decision.retry_at) {
      report_retry(session, error, operation());
      if (!timer_) {
        timer_ = session.timers().timer([weak = weak_from_this()] {
          if (const auto self = weak.lock()) self->look_up();
        });
      }
      return timer_->set(*decision.retry_at);
    }
    cause = last_failure_;
  }
  finish(Error(cause->code, cause->text));
}

/// How long the attempt that begins may take: it ends when the set-up is given up.
std::chrono::milliseconds TableSetup::timeout() {
  SharedSession& session = *access_.session;
  const auto longest = session.settings().attempt_timeout;
  const std::lock_guard lock(mutex_);
  const auto timeout = attempts_.timeout(session.timers().now(), session.life().last(), longest,
                                         session.settings().retries);
  is_cut_short_ = timeout < longest;
  return timeout;
}

void TableSetup::note_life() noexcept {
  access_.session->life().seen(access_.session->timers().now());
}

std::string TableSetup::operation() const { return "setting up the table " + name_.cql(); }

void TableSetup::finish(Outcome outcome) noexcept {
  questions_->forget();
  std::vector<Callback> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (done_) return;
    done_ = true;
    outcome_ = std::move(outcome);
    waiting.swap(waiting_);
  }
  for (const Callback& callback : waiting) callback(outcome_);
}

CausePtr TableSetup::last_failure() const {
  {
    const std::lock_guard lock(mutex_);
    if (!done_ && last_failure_) return last_failure_;
  }
  return masks_->last_failure();
}

void TableSetup::check() const {
  if (is_usable()) return;
  const std::lock_guard lock(mutex_);
  if (!done_) throw Error(ErrorCode::setup_pending, std::string(kPending));
  if (outcome_) throw *outcome_;
}

void TableSetup::when_done(Callback callback) {
  if (is_usable()) return callback(std::nullopt);
  bool skipped = false;
  {
    const std::lock_guard lock(mutex_);
    if (!done_) {
      waiting_.push_back(std::move(callback));
      return;
    }
    skipped = skipped_;
  }
  if (skipped) return masks_->get(std::move(callback));
  callback(outcome_);
}

}  // namespace bytestore::cassandra
