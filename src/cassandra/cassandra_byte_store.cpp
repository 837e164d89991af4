#include "bytestore/cassandra_byte_store.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "bytestore/cassandra_async.hpp"
#include "bytestore/detail/cassandra_access.hpp"
#include "cassandra/cassandra_backend.hpp"
#include "cassandra/cql/identifiers.hpp"
#include "cassandra/default_session.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/session/connect.hpp"
#include "cassandra/table/setup_wait.hpp"
#include "core/async_call.hpp"
#include "core/store.hpp"
#include "core/verbs.hpp"
#include "core/waiting_sink.hpp"

namespace bytestore {
namespace {

using cassandra::KeepOpen;
using cassandra::LazyStatement;
using cassandra::Table;
using cassandra::TableSetup;
using cassandra::Verb;

cassandra::GroupSettings checked_groups(const CassandraOptions& options) {
  const auto check = [](std::string_view name, std::size_t value, std::size_t most) {
    if (value >= 1 && value <= most) return;
    throw Error(ErrorCode::invalid_argument,
                fmt::format("{} is {}; it must be from 1 to {}", name, value, most));
  };
  constexpr auto kAny = std::numeric_limits<std::size_t>::max();
  check("read_group_keys", options.read_group_keys, detail::kMostGroupKeys);
  check("write_group_rows", options.write_group_rows, detail::kMostGroupKeys);
  check("write_group_bytes", options.write_group_bytes, kAny);
  check("response_target_bytes", options.response_target_bytes, kAny);
  return {.by_replicas = options.grouping == Grouping::replica_set,
          .read_keys = options.read_group_keys,
          .write_rows = options.write_group_rows,
          .write_bytes = options.write_group_bytes,
          .answer_bytes = options.response_target_bytes};
}

std::optional<std::chrono::milliseconds> checked_delay(const CassandraOptions& options) {
  if (!options.speculative_delay) return std::nullopt;
  if (options.speculative_delay->count() < 1) {
    throw Error(ErrorCode::invalid_argument,
                "speculative_delay is below 1 ms; leave it unset for none");
  }
  return core::bounded_wait(*options.speculative_delay);
}

std::shared_ptr<Table> make_table(std::string_view table, const CassandraOptions& options) {
  if (options.setup_deadline.count() < 0) {
    throw Error(ErrorCode::invalid_argument, "setup_deadline is negative; use 0 for none");
  }
  cassandra::TableSettings requests{.client_timestamps = options.timestamps == Timestamps::client,
                                    .speculative_delay = checked_delay(options),
                                    .groups = checked_groups(options)};
  const auto session = detail::CassandraAccess::shared(
      options.session ? *options.session : *cassandra::default_session());
  const auto& settings = session->settings();
  auto keyspace =
      options.keyspace.empty() ? settings.keyspace : cassandra::folded_keyspace(options.keyspace);
  if (keyspace.empty()) {
    throw Error(ErrorCode::not_configured,
                "the store has no keyspace: name one in CassandraOptions, in the options of the "
                "session, or in CASSANDRA_KEYSPACE before init");
  }
  requests.consistency = options.consistency ? cassandra::checked_consistency(*options.consistency)
                                             : settings.consistency;
  cassandra::TableName name{.keyspace = std::move(keyspace),
                            .table = cassandra::folded_table(table)};
  if (requests.client_timestamps && settings.clock_refusal) throw Error(*settings.clock_refusal);
  return std::make_shared<Table>(session, std::move(name), requests);
}

/// Closes a table when its last request has ended, which nobody waits for.
class ClosedLater final : public core::IdleWaiter {
 public:
  explicit ClosedLater(std::shared_ptr<Table> table) noexcept : table_(std::move(table)) {}

  void idle() noexcept override {
    const std::unique_ptr<ClosedLater> self(this);
    table_->close();
  }

 private:
  std::shared_ptr<Table> table_;
};

void close_later(const std::shared_ptr<Table>& table) {
  table->when_idle(*std::make_unique<ClosedLater>(table).release());
}

void set_up_now(const std::shared_ptr<Table>& opened, const CassandraOptions& options) {
  Table& table = *opened;
  core::refuse_in_completion("CassandraByteStore with SetupMode::sync");
  table.setup().start(options.create_if_missing, options.setup_deadline);
  core::WaitingSink<TableSetup::Outcome> sink;
  table.setup().when_done([&sink](const TableSetup::Outcome& outcome) { sink.done(outcome); });
  const auto outcome = sink.wait();
  if (!outcome) return;
  if (options.setup_deadline.count() > 0) {
    close_later(opened);  // a request that is not answered must not make the deadline longer
  } else {
    table.close();
  }
  throw *outcome;
}

std::shared_ptr<Table> open_table(std::string_view name, const CassandraOptions& options) {
  auto table = make_table(name, options);
  switch (options.setup_mode) {
    case SetupMode::sync:
      set_up_now(table, options);
      break;
    case SetupMode::async:
      table->setup().start(options.create_if_missing, options.setup_deadline);
      break;
    case SetupMode::off:
      table->setup().skip();
      break;
  }
  return table;
}

std::string prepared_cql(core::Store& store, const Table& table, LazyStatement& statement) {
  core::refuse_in_completion("preparing a statement");
  const auto pass = store.gate().enter();
  table.setup().check();
  core::WaitingSink<LazyStatement::Prepared> sink;
  statement.get([&sink](const LazyStatement::Prepared& result) { sink.done(result); });
  const auto result = sink.wait();
  if (const auto* error = std::get_if<cassandra::DriverError>(&result)) {
    throw cassandra::to_error(*error, "preparing " + statement.cql());
  }
  return statement.cql();
}

/// The wait for the set-up, as a verb of the store.
class EnsureSetup final : public core::WithoutKeys {
 public:
  using Result = TableSetup::Outcome;
  static constexpr core::Order kOrder = core::Order::none;

  explicit EnsureSetup(std::shared_ptr<Table> table) : table_(std::move(table)) {}

  void begin(core::Backend& /*backend*/, const core::Call& call, core::Sink<Result>& sink) const {
    const auto table = table_;  // this may end while it starts
    const KeepOpen keep_open(table->access());
    cassandra::SetupWait::start(table->setup(), call, sink);
  }

  static void finish(Result outcome) {
    if (outcome) throw std::move(*outcome);
  }

 private:
  std::shared_ptr<Table> table_;
};

}  // namespace

CassandraByteStore::CassandraByteStore(std::string_view table, const CassandraOptions& options)
    : CassandraByteStore(open_table(table, options), options.executor) {}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the backend and this share it
CassandraByteStore::CassandraByteStore(std::shared_ptr<Table> table,
                                       std::shared_ptr<const CallbackExecutor> executor)
    : ByteStore(std::make_shared<core::Store>(std::make_unique<cassandra::CassandraBackend>(table),
                                              std::move(executor))),
      table_(table) {}

void CassandraByteStore::ensure_db_setup() {
  const auto pass = store()->gate().enter();
  table_->setup().check();
}

CassandraStats CassandraByteStore::stats() const {
  const auto pass = store()->gate().enter();
  const auto& session = *table_->access().session;
  const auto load = session.window().load();
  return {.mget = table_->counters(Verb::mget).stats(),
          .mset = table_->counters(Verb::mset).stats(),
          .mdelete = table_->counters(Verb::mdelete).stats(),
          .yield_keys = table_->counters(Verb::yield_keys).stats(),
          .requests_in_flight = load.in_flight,
          .window = load.limit,
          .server_warnings = session.log().count(cassandra::Event::server_warning)};
}

}  // namespace bytestore

namespace bytestore::detail {

std::string CassandraAccess::select_cql(CassandraByteStore& store) {
  return prepared_cql(*store.store(), *store.table_, *store.table_->statements(Verb::mget).single);
}

std::string CassandraAccess::insert_cql(CassandraByteStore& store) {
  return prepared_cql(*store.store(), *store.table_, *store.table_->statements(Verb::mset).single);
}

std::string CassandraAccess::delete_cql(CassandraByteStore& store) {
  return prepared_cql(*store.store(), *store.table_,
                      *store.table_->statements(Verb::mdelete).single);
}

void start_ensure_db_setup(std::shared_ptr<core::Store> store, std::shared_ptr<Table> table,
                           WriteCompletion completion) {
  core::AsyncCall<EnsureSetup>::launch(std::move(completion), std::move(store), {},
                                       std::move(table));
}

}  // namespace bytestore::detail
