#pragma once

#include <memory>

#include "cassandra/identifiers.hpp"
#include "cassandra/lazy_statement.hpp"
#include "cassandra/session_core.hpp"
#include "cassandra/table_setup.hpp"

namespace bytestore::cassandra {

/// One store's table: its set-up, its statements, and how requests to it are made. Thread safe.
class Table {
 public:
  Table(std::shared_ptr<SessionCore> session, TableName name, Consistency consistency);

  [[nodiscard]] const Access& access() const noexcept { return access_; }
  [[nodiscard]] TableSetup& setup() const noexcept { return *setup_; }
  [[nodiscard]] LazyStatement& select() const noexcept { return *select_; }
  [[nodiscard]] LazyStatement& insert() const noexcept { return *insert_; }
  [[nodiscard]] LazyStatement& erase() const noexcept { return *erase_; }
  [[nodiscard]] LazyStatement& list() const noexcept { return *list_; }

  /// The options that all requests have in common.
  [[nodiscard]] RequestOptions request_options() const;

  /// Where the driver knows the table's replicas to be now, in the local datacenter.
  [[nodiscard]] std::unique_ptr<const Topology> topology() const;

  /// Waits for the requests that are at the driver, each of which ends within an attempt's time,
  /// and lets go of the session. Nothing but the destructor may follow.
  void close() noexcept;

 private:
  Access access_;
  TableName name_;
  Consistency consistency_;
  std::shared_ptr<TableSetup> setup_;
  std::shared_ptr<LazyStatement> select_;
  std::shared_ptr<LazyStatement> insert_;
  std::shared_ptr<LazyStatement> erase_;
  std::shared_ptr<LazyStatement> list_;
};

}  // namespace bytestore::cassandra
