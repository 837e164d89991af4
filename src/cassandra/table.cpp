#include "cassandra/table.hpp"

#include <utility>

#include "cassandra/cql.hpp"

namespace bytestore::cassandra {

Table::Table(std::shared_ptr<SessionCore> session, TableName name, Consistency consistency)
    : access_{.session = std::move(session), .requests = std::make_shared<core::Gate>()},
      name_(std::move(name)),
      consistency_(consistency),
      setup_(std::make_shared<TableSetup>(access_, name_)),
      select_(std::make_shared<LazyStatement>(access_, select_cql(name_))),
      insert_(std::make_shared<LazyStatement>(access_, insert_cql(name_))),
      erase_(std::make_shared<LazyStatement>(access_, delete_cql(name_))),
      list_(std::make_shared<LazyStatement>(access_, list_cql(name_))) {}

RequestOptions Table::request_options() const {
  const SessionSettings& settings = access_.session->settings();
  RequestOptions options;
  options.consistency = consistency_;
  options.serial_consistency = settings.serial_consistency;
  options.timeout = settings.attempt_timeout;
  return options;
}

std::unique_ptr<const Topology> Table::topology() const {
  const Session& driver = access_.session->driver();
  return driver.topology(name_.keyspace, name_.table, driver.local_datacenter());
}

void Table::close() noexcept {
  access_.requests->shut();
  access_.requests->wait_idle();
  setup_.reset();
  for (auto* statement : {&select_, &insert_, &erase_, &list_}) statement->reset();
  access_.session.reset();
}

}  // namespace bytestore::cassandra
