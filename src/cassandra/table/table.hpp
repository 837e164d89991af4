#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "cassandra/cql/identifiers.hpp"
#include "cassandra/flow/key_limit.hpp"
#include "cassandra/flow/value_size_estimate.hpp"
#include "cassandra/policy/replica_sets.hpp"
#include "cassandra/ring/ring.hpp"
#include "cassandra/session/shared_session.hpp"
#include "cassandra/table/lazy_statement.hpp"
#include "cassandra/table/server_check.hpp"
#include "cassandra/table/table_setup.hpp"
#include "cassandra/table/verb.hpp"
#include "cassandra/table/verb_counters.hpp"
#include "core/backend.hpp"

namespace bytestore::cassandra {

/// How the keys of a call share requests. The figures were measured: docs/decisions/030-groups.md.
struct GroupSettings {
  bool by_replicas = true;  ///< false: a request for each key
  std::size_t read_keys = 32;
  std::size_t write_rows = 10;
  /// The server warns in its log of a batch over 5 KiB.
  std::size_t write_bytes = 5'000;
  std::size_t answer_bytes = std::size_t{1} << 20;
};

/// How the requests of a store are made.
struct TableSettings {
  Consistency consistency = Consistency::local_quorum;
  bool client_timestamps = true;
  std::optional<std::chrono::milliseconds> speculative_delay{};
  GroupSettings groups{};
};

/// One store's table: its set-up, its statements, and how requests to it are made. Thread safe.
class Table {
 public:
  Table(std::shared_ptr<SharedSession> session, TableName name, const TableSettings& settings);

  [[nodiscard]] const SessionUse& access() const noexcept { return access_; }
  [[nodiscard]] TableSetup& setup() const noexcept { return *setup_; }
  /// As `setup().when_done`, for what needs ranges of tokens besides: listings and estimates.
  void when_listable(TableSetup::Callback callback);
  /// Why what that waits for is not there yet, as far as an attempt has failed; null: none did.
  [[nodiscard]] CausePtr why_not_listable() const;

  /// What the requests of a verb execute. Not null, and valid as long as the table.
  struct Statements {
    std::shared_ptr<LazyStatement> single{};  ///< for one key, or for a page
    std::shared_ptr<LazyStatement> group{};   ///< for several keys; null: `single`
    bool bind_timestamp = false;              ///< each row, or each request that deletes, has one
  };

  /// Those of calls that begin now. Known for sure once the table is usable.
  [[nodiscard]] const Statements& statements(Verb verb) const noexcept;

  /// Whether several keys must be read page by page: the server leaves rows out of what it reads at
  /// once.
  [[nodiscard]] bool reads_by_pages() const noexcept { return setup_->is_transactional(); }

  /// The bytes of a write that servers take, as far as one has told.
  [[nodiscard]] std::size_t largest_write() const noexcept { return setup_->largest_write(); }

  [[nodiscard]] const TableName& name() const noexcept { return name_; }

  /// The options that all requests have in common.
  [[nodiscard]] RequestOptions request_options() const;

  /// That of the servers; not null once `when_listable` has called back without an error.
  [[nodiscard]] const Ring* ring() const noexcept;

  /// In which order listings give keys; Murmur3's while the ring is not known.
  [[nodiscard]] core::KeyOrder key_order() const noexcept;

  /// Where the driver knows the table's replicas to be now, in the local datacenter.
  [[nodiscard]] std::unique_ptr<const Topology> topology() const;
  [[nodiscard]] std::shared_ptr<const ReplicaSets> replica_sets();

  [[nodiscard]] const TableSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] VerbCounters& counters(Verb verb) noexcept { return counters_[verb]; }
  /// Of requests of a verb for several keys.
  [[nodiscard]] KeyLimit& key_limit(Verb verb) noexcept { return key_limits_[verb]; }
  [[nodiscard]] ValueSizeEstimate& answer_sizes() noexcept { return answer_sizes_; }

  /// Begins no more requests, and tells `waiter` once none is at the driver, where each ends within
  /// an attempt's time: at once, or on the thread that brings the last answer. Those that somebody
  /// else is done with do not count: which were given up because their node hangs, or prepare what
  /// is used unprepared.
  void when_idle(core::IdleWaiter& waiter) noexcept;

  /// Waits until that is so, and lets go of the session. Nothing but `when_idle` and the destructor
  /// may follow.
  void close() noexcept;

 private:
  [[nodiscard]] std::shared_ptr<LazyStatement> prepared_later(Verb verb, std::string cql,
                                                              std::size_t markers);

  SessionUse access_;
  TableName name_;
  TableSettings settings_;
  PerVerb<VerbCounters> counters_;
  std::shared_ptr<TableSetup> setup_;
  std::shared_ptr<ServerCheck> partitioner_;
  PerVerb<Statements> statements_;
  Statements static_reads_;      // of mget, if values are static
  PerVerb<Statements> stamped_;  // of mset and mdelete, if the table is transactional
  PerVerb<KeyLimit> key_limits_;
  ValueSizeEstimate answer_sizes_;
  std::mutex mutex_;
  std::shared_ptr<const ReplicaSets> replica_sets_;  // the newest known; under the mutex
  Partitioner placed_by_ = Partitioner::untold;      // by which these are; too
  core::Call::Clock::time_point look_again_;         // if not all replicas were known; too
};

}  // namespace bytestore::cassandra
