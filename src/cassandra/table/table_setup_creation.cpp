// How TableSetup makes a table, and waits until the nodes know it.

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "cassandra/cql/statements.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/table/oldest_node.hpp"
#include "cassandra/table/table_setup.hpp"

namespace bytestore::cassandra {
namespace {

/// Of the nodes' agreement on a table that was made. It takes some 100 ms where all is well.
constexpr std::chrono::milliseconds kAgreement{5'000};

/// Whether a server has refused to create a table in a way that is not over soon, unless somebody
/// else has created it at the same time.
bool is_final_for_creation(const DriverError& error) noexcept {
  return error.code == DriverErrorCode::server || error.code == DriverErrorCode::already_exists;
}

}  // namespace

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
  if (!is_final_for_creation(*error)) return try_later(*error);
  note_life();
  const std::string creating = "creating the table " + name_.cql();
  report_retry(*access_.session, *error, creating);
  not_created_ = to_error(*error, creating);
  look_up();
}

/// Has the other nodes learn of the table, so that they can be asked for keys.
void TableSetup::await_agreement() noexcept {
  has_agreed_ = true;
  try {
    questions_->forget();
    const auto maker = questions_->node();
    if (!maker) return look_up();  // the driver knows no node
    const auto until = access_.session->timers().now() + std::min(timeout() / 2, kAgreement);
    {
      const std::lock_guard lock(mutex_);
      agreement_ = std::make_shared<SchemaAgreement>(access_, name_, *maker, until,
                                                     [weak = weak_from_this()] {
                                                       if (const auto self = weak.lock())
                                                         self->awaited_agreement();
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

}  // namespace bytestore::cassandra
