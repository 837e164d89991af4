#include "cassandra/table/table.hpp"

#include <utility>

#include "cassandra/cql/statements.hpp"
#include "cassandra/table/partitioner.hpp"

namespace bytestore::cassandra {
namespace {

/// How soon replicas that the driver did not know are looked for again.
constexpr std::chrono::seconds kLookAgain{1};

}  // namespace

Table::Table(std::shared_ptr<SharedSession> session, TableName name, const TableSettings& settings)
    : access_{.session = std::move(session), .requests = std::make_shared<core::Gate>()},
      name_(std::move(name)),
      settings_(settings),
      setup_(std::make_shared<TableSetup>(access_, name_, settings_.consistency)),
      partitioner_(std::make_shared<ServerCheck>(
          access_, "asking for the partitioner",
          [session = access_.session](const std::shared_ptr<Querier>& servers,
                                      std::chrono::milliseconds timeout, RefusalSink& sink) {
            const auto told = [session](Partitioner partitioner) { session->note(partitioner); };
            check_partitioner(servers, timeout, told, sink);
          })) {
  if (ring() != nullptr) partitioner_->skip();
  statements_[Verb::mget] = {.single = prepared_later(Verb::mget, select_cql(name_), 1),
                             .group = prepared_later(Verb::mget, select_group_cql(name_), 2)};
  static_reads_ = {.single = prepared_later(Verb::mget, select_static_cql(name_), 1),
                   .group = prepared_later(Verb::mget, select_static_group_cql(name_), 2)};
  statements_[Verb::mset] = {.single = prepared_later(Verb::mset, insert_cql(name_), 2)};
  statements_[Verb::mdelete] = {.single = prepared_later(Verb::mdelete, delete_cql(name_), 1),
                                .group = prepared_later(Verb::mdelete, delete_group_cql(name_), 1)};
  stamped_[Verb::mset] = {.single = prepared_later(Verb::mset, stamped_insert_cql(name_), 3),
                          .bind_timestamp = true};
  stamped_[Verb::mdelete] = {
      .single = prepared_later(Verb::mdelete, stamped_delete_cql(name_), 2),
      .group = prepared_later(Verb::mdelete, stamped_delete_group_cql(name_), 2),
      .bind_timestamp = true};
  statements_[Verb::yield_keys] = {.single = prepared_later(Verb::yield_keys, list_cql(name_), 2)};
}

std::shared_ptr<LazyStatement> Table::prepared_later(Verb verb, std::string cql,
                                                     std::size_t markers) {
  return std::make_shared<LazyStatement>(access_, std::move(cql), markers, counters(verb));
}

const Table::Statements& Table::statements(Verb verb) const noexcept {
  if (verb == Verb::mget && setup_->layout().has_static_values) return static_reads_;
  const bool writes = verb == Verb::mset || verb == Verb::mdelete;
  const bool must_stamp = writes && settings_.client_timestamps && setup_->is_transactional();
  return must_stamp ? stamped_[verb] : statements_[verb];
}

void Table::when_listable(TableSetup::Callback callback) {
  // Whoever waits for the set-up may be called after this is closed.
  setup_->when_done([partitioner = partitioner_,
                     callback = std::move(callback)](const TableSetup::Outcome& outcome) mutable {
    if (outcome) return callback(outcome);
    partitioner->get(std::move(callback));
  });
}

CausePtr Table::why_not_listable() const {
  const auto cause = setup_->last_failure();
  return cause ? cause : partitioner_->last_failure();
}

const Ring* Table::ring() const noexcept { return ring_of(access_.session->partitioner()); }

core::KeyOrder Table::key_order() const noexcept {
  switch (access_.session->partitioner()) {
    case Partitioner::byte_order:
      return core::KeyOrder::bytes;
    case Partitioner::random:
      return core::KeyOrder::random_token;
    case Partitioner::murmur3:
    case Partitioner::untold:
    case Partitioner::other:
      break;
  }
  return core::KeyOrder::token;
}

RequestOptions Table::request_options() const {
  RequestOptions options;
  options.consistency = settings_.consistency;
  options.timeout = access_.session->settings().attempt_timeout;
  return options;
}

std::unique_ptr<const Topology> Table::topology() const {
  const DriverSession& driver = access_.session->driver();
  return driver.topology(name_.keyspace, name_.table, driver.local_datacenter());
}

std::shared_ptr<const ReplicaSets> Table::replica_sets() {
  const SharedSession& session = *access_.session;
  const auto version = session.driver().topology_version(name_.keyspace);
  const auto partitioner = session.partitioner();
  const auto time = session.timers().now();
  const std::lock_guard lock(mutex_);
  const bool stale = replica_sets_ && !replica_sets_->complete() && time >= look_again_;
  if (!replica_sets_ || stale || replica_sets_->version() != version || placed_by_ != partitioner) {
    replica_sets_ = std::make_shared<const ReplicaSets>(*topology(), partitioner,
                                                        session.driver().local_datacenter());
    placed_by_ = partitioner;
    look_again_ = time + kLookAgain;
  }
  return replica_sets_;
}

void Table::when_idle(core::IdleWaiter& waiter) noexcept {
  access_.requests->shut();
  access_.requests->when_idle(waiter);
}

void Table::close() noexcept {
  access_.requests->shut();
  access_.requests->wait_idle();
  partitioner_.reset();
  for (Statements& statements : statements_) statements = {};
  for (Statements& statements : stamped_) statements = {};
  static_reads_ = {};
  setup_.reset();
  access_.session.reset();
}

}  // namespace bytestore::cassandra
