#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bytestore/byte_store.hpp"
#include "bytestore/cassandra_session.hpp"
#include "bytestore/cassandra_stats.hpp"

namespace bytestore {

namespace cassandra {
class Table;
}  // namespace cassandra

/// When a store looks up its table, and creates it if it does not exist.
enum class SetupMode {
  sync,   ///< before the constructor returns
  async,  ///< in the background; until that is done, blocking calls fail with `setup_pending` and
          ///< asynchronous calls wait
  off,    ///< never: no statement changes the schema, and calls fail with `schema` if the table is
          ///< missing; the first call only asks whether columns are masked
};

/// Whether the keys of a call share requests.
enum class Grouping {
  replica_set,  ///< keys that the same nodes hold share requests, as many as the other options
                ///< allow
  off,          ///< each key has a request of its own
};

/// Whose clock gives a write its timestamp. Of two writes of a key, the one with the later
/// timestamp wins.
///
/// All programs that write to a table must choose the same. Clients count microseconds, while
/// servers count full milliseconds: of two writes of a key within a millisecond, the later one is
/// lost if a client gave the earlier one its timestamp, and a server that of the later one,
/// although both were acknowledged. If a process opens stores of both kinds on one table, the log
/// of the session of the later one says so.
enum class Timestamps {
  client,  ///< this machine's; timestamps follow the order of this process's calls, and a request
           ///< can be retried; refused if the clock differs from that of a node by more than 60 s,
           ///< unless the session has `allow_clock_difference`
  server,  ///< the coordinator's; a write that may have been applied is not retried, since the
           ///< retry would overwrite what others wrote in between; for tables to which every
           ///< client writes in this way
};

namespace detail {

/// The most that `read_group_keys` and `write_group_rows` may be.
inline constexpr std::size_t kMostGroupKeys = 100;

}  // namespace detail

struct CassandraOptions {
  /// The session to use. If it is null, the store uses the session that `init` connected.
  std::shared_ptr<CassandraSession> session{};

  /// The keyspace of the table. If it is empty, the store uses the session's keyspace. Case is
  /// folded as in CQL, unless the name is in double quotes.
  std::string keyspace{};

  SetupMode setup_mode = SetupMode::sync;

  /// Whether the set-up creates a table that does not exist. If it is false, the set-up fails with
  /// `schema` without one.
  bool create_if_missing = true;

  /// How long the set-up may take; after that, it has failed with `timeout`. With
  /// `SetupMode::sync`, the constructor then throws. Zero means that only the session's
  /// `give_up_after` limits it.
  std::chrono::milliseconds setup_deadline{0};

  /// The consistency of reads and writes. If it is unset, the store uses the session's consistency.
  std::optional<Consistency> consistency{};

  Timestamps timestamps = Timestamps::client;

  /// How long a request may remain unanswered before a speculative request is sent to another
  /// replica; the first of the two answers is used. This makes the slowest few requests faster, and
  /// adds requests. The 99th percentile of `stats().mget.request_latency` is a good choice. If it
  /// is unset, no speculative requests are sent. Writes use it only with `Timestamps::client`.
  std::optional<std::chrono::milliseconds> speculative_delay{};

  /// The defaults of this option and the four below were measured (docs/decisions/030-groups.md).
  Grouping grouping = Grouping::replica_set;

  /// How many keys one request may read or delete: 1 to 100, which is the limit of ScyllaDB and
  /// Amazon Keyspaces. If a server allows fewer, the store finds that out by the first requests
  /// that it refuses, and keeps to it.
  std::size_t read_group_keys = 32;

  /// How many rows one unlogged batch may write: 1 to 100. Above 10, a server writes a warning to
  /// its log.
  std::size_t write_group_rows = 10;

  /// How many bytes one unlogged batch may have, as the server counts them. By default, a server
  /// writes a warning to its log above 5 KiB and refuses a batch above 50 KiB. A value that is
  /// larger than this option is sent in a request of its own.
  std::size_t write_group_bytes = 5'000;

  /// The target size of one response in bytes. The store estimates from earlier responses how many
  /// keys that is.
  std::size_t response_target_bytes = std::size_t{1} << 20;

  /// Runs handlers that have no associated executor (`run_on`). If it is null, a thread of the
  /// library runs them.
  std::shared_ptr<const CallbackExecutor> executor{};
};

/// A store in a table of Apache Cassandra or ScyllaDB. The table is that of LangChain's
/// CassandraByteStore:
///
///     CREATE TABLE keyspace.table (row_id TEXT, body_blob BLOB, PRIMARY KEY (row_id))
///
/// Other tables that LangChain's store works on are used too: WITH COMPACT STORAGE or with what is
/// left of it, with a static `body_blob`, or with `row_id ASCII`; in the last, keys and prefixes of
/// listings that are not ASCII are refused with `invalid_argument`.
///
/// All writes of a call, and their retries, have one timestamp, which is later than the timestamps
/// of this process's earlier calls (unless `timestamps` is `server`). A value must fit into the
/// server's limit, which is 16 MiB by default; a larger one fails with `too_large`. If another
/// program wrote a row with a null value, its key is absent to `mget`, but listings give it.
///
/// By a partitioner that is not known (docs/operations.md), `yield_keys` and `estimate_keys` fail
/// with `schema`; the others work. If `row_id` or `body_blob` is a masked column (5.0 on) and the
/// session's role may not UNMASK it, the set-up fails with `unauthorized`; with `SetupMode::off`,
/// each call does. A store in use notices later changes of masks and permissions within about 5 s.
class CassandraByteStore final : public ByteStore {
 public:
  /// The name of the keyspace has 1 to 48 letters, digits and underscores, that of the table 1 to
  /// 222 (Cassandra 3.11 creates tables with at most 48). Their case is folded as in CQL, unless
  /// they are in double quotes.
  /// \throws Error `not_configured` if there is no session or no keyspace; `invalid_argument` if a
  /// name or an option is not valid; `unavailable` with `Timestamps::client` if the session found
  /// that this machine's clock cannot give timestamps. With `SetupMode::sync` it also throws the
  /// errors of the set-up: `schema` if the keyspace is missing or the table has other columns;
  /// `unauthorized` if the role may not create the table, or may not read it without masks;
  /// `unavailable`; `timeout`.
  explicit CassandraByteStore(std::string_view table, const CassandraOptions& options = {});

  /// Checks that the set-up has finished; it does not wait.
  /// \throws Error `setup_pending` if the set-up has not finished; its own error if it has failed.
  void ensure_db_setup();

  /// Waits until the set-up is finished. Signature: `void(std::exception_ptr)`. Defined in
  /// `cassandra_async.hpp`.
  template <typename Token>
  auto aensure_db_setup(Token&& token);

  /// Returns what this store has done, and the present state of its session.
  /// \throws Error `cancelled` if the store is closed.
  [[nodiscard]] CassandraStats stats() const;

 private:
  friend detail::CassandraAccess;

  CassandraByteStore(std::shared_ptr<cassandra::Table> table,
                     std::shared_ptr<const CallbackExecutor> executor);

  std::shared_ptr<cassandra::Table> table_;
};

}  // namespace bytestore
