#include "cassandra/table/table_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "cassandra/cql/statements.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/policy/replication.hpp"
#include "cassandra/table/table_check.hpp"

namespace bytestore::cassandra {
namespace {

constexpr std::string_view kPending =
    "Asynchronous setup of the DB not finished. Await aensure_db_setup first, or use the "
    "asynchronous methods, which wait for it.";

/// Masks may come, and permissions go, while a store is open; servers themselves go by permissions
/// that are 2 s old. A request in five seconds is nothing beside those of a store that is used, and
/// one that was not used for longer can wait for it.
constexpr ServerCheck::Validity kMasksAreTold{.renewed_after = std::chrono::seconds{5},
                                              .trusted_for = std::chrono::seconds{6}};

}  // namespace

TableSetup::TableSetup(SessionUse access, TableName name, Consistency level)
    : access_(std::move(access)),
      name_(std::move(name)),
      questions_(std::make_shared<Questions>(access_)),
      masks_(std::make_shared<ServerCheck>(
          access_, fmt::format("asking what the table {} is like", name_.cql()),
          [name = name_, login = access_.session->settings().login, kept = traits_](
              const auto& servers, auto timeout, RefusalSink& sink) {
            const auto told = [kept](const TableTraits& traits) {
              kept->is_transactional = traits.is_transactional;
              kept->largest_write = traits.largest_write;
            };
            check_table(servers, name, login->username(), timeout, told, sink);
          },
          kMasksAreTold)),
      replicas_(check_of_replicas(access_, name_.keyspace)),
      counts_local_replicas_(counts_local_replicas(level)),
      attempts_(access_.session->timers().now()) {}

void TableSetup::start(bool create_if_missing, std::chrono::milliseconds deadline) noexcept {
  creates_ = create_if_missing;
  if (deadline.count() > 0) limit(deadline);
  look_up();
}

void TableSetup::limit(std::chrono::milliseconds deadline) noexcept {
  try {
    auto& timers = access_.session->timers();
    limit_ = timers.timer([weak = weak_from_this(), deadline] {
      const auto self = weak.lock();
      if (!self) return;
      self->finish(Error(ErrorCode::timeout,
                         with_cause(fmt::format("{} has not finished within {} ms, its deadline",
                                                self->operation(), deadline.count()),
                                    self->last_failure())));
    });
    limit_->set(timers.now() + core::bounded_wait(deadline));
  } catch (const Error& error) {
    finish(error);
  } catch (const std::exception& error) {
    finish(Error(ErrorCode::io, error.what()));
  }
}

bool TableSetup::is_done() const {
  const std::lock_guard lock(mutex_);
  return done_;
}

void TableSetup::skip() noexcept { finish(std::nullopt); }

void TableSetup::look_up() noexcept {
  ask<TableDescription, &TableSetup::looked_up>([this](TableSink& sink) {
    look_up_table(questions_, name_.keyspace, name_.table, sink, timeout());
  });
}

void TableSetup::looked_up(Result<TableDescription> result) noexcept {
  if (const auto* error = std::get_if<DriverError>(&result)) return try_later(*error);
  note_life();
  const auto& found = std::get<TableDescription>(result);
  auto state = state_of(found, name_);
  if (std::holds_alternative<TableIsMissing>(state)) {
    questions_->forget();
    const std::string& local = access_.session->driver().local_datacenter();
    if (counts_local_replicas_ && has_no_replicas(found.replication, local)) {
      return finish(without_local_replicas(name_.keyspace, found.replication, local));
    }
    if (!creates_) {  // another node may know it
      return try_later(
          {.code = DriverErrorCode::unknown_table, .message = "there is no table " + name_.cql()});
    }
    if (not_created_) return finish(not_created_);
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
  if (!has_agreed_ && may_be_new(found)) return await_agreement();  // another program made it
  layout_ = std::get<TableIsReady>(state).layout;
  try {
    check_use();
  } catch (const Error& error) {  // the store is closing
    finish(error);
  } catch (const std::exception& error) {
    finish(Error(ErrorCode::io, error.what()));
  }
}

void TableSetup::try_later(const DriverError& error) noexcept {
  if (is_of_server(error.code)) note_life();
  SharedSession& session = *access_.session;
  CausePtr cause;
  {
    const std::lock_guard lock(mutex_);
    if (done_) return;  // its deadline has passed meanwhile
    last_failure_ = later_cause(last_failure_, error, is_cut_short_, operation());
    const RetryDecision decision = decide_retry(error, {.expects_table = !creates_}, attempts_,
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
  {
    const std::lock_guard lock(mutex_);
    if (!done_) {
      waiting_.push_back(std::move(callback));
      return;
    }
  }
  if (outcome_) return callback(outcome_);
  masks_->get(std::move(callback));
}

}  // namespace bytestore::cassandra
