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

/// When the table of a store is looked up, and created if it is not there.
enum class SetupMode {
  sync,   ///< before the constructor returns
  async,  ///< in the background: until then blocking calls fail with `setup_pending`, and
          ///< asynchronous ones wait
  off,    ///< never: no statement changes the schema, and a missing table fails with `schema`;
          ///< only masks are asked for, by the first call
};

/// Whether keys of a call share requests.
enum class Grouping {
  replica_set,  ///< those that the same nodes hold, as many as the other options allow
  off,          ///< a request for each key
};

/// Whose time a write carries, by which the later one of two counts.
enum class Timestamps {
  client,  ///< this machine's, in the order of the calls of this process; attempts can be repeated
  server,  ///< the coordinator's: an attempt that may have been applied is not made again, since
           ///< it would come after what others wrote in between
};

struct CassandraOptions {
  /// Null: the one of `init`.
  std::shared_ptr<CassandraSession> session{};

  /// Empty: the session's. Folded like unquoted CQL unless in double quotes.
  std::string keyspace{};

  SetupMode setup_mode = SetupMode::sync;

  /// Unset: the session's.
  std::optional<Consistency> consistency{};

  Timestamps timestamps = Timestamps::client;

  /// A read or write that is not answered by then is sent to another replica too, and the first
  /// answer counts: for the slowest few of many requests, at the price of more of them. About the
  /// 99th percentile of `stats().mget.request_latency` is a good choice. Unset: never. Of writes
  /// only with `Timestamps::client`.
  std::optional<std::chrono::milliseconds> speculative_delay{};

  /// The defaults of these were measured (docs/decisions/030-groups.md).
  Grouping grouping = Grouping::replica_set;

  /// Keys that one request reads or deletes at most; 1 to 100, the limit of ScyllaDB and Amazon
  /// Keyspaces.
  std::size_t read_group_keys = 32;

  /// Rows of one unlogged batch at most; 1 to 100. A server warns in its log above 10.
  std::size_t write_group_rows = 10;

  /// Bytes of one unlogged batch at most, as the server counts them: it warns in its log above
  /// 5 KiB and refuses above 50 KiB unless configured otherwise. A larger value goes by itself.
  std::size_t write_group_bytes = 5'000;

  /// About how many bytes one answer should have; how many keys that is, is learnt from the answers
  /// before.
  std::size_t response_target_bytes = std::size_t{1} << 20;

  /// Runs completions whose handlers bring no executor of their own. Null: a thread of the library.
  std::shared_ptr<const CallbackExecutor> executor{};
};

/// A store in a table of Apache Cassandra or ScyllaDB, the one of LangChain's CassandraByteStore:
///
///     CREATE TABLE keyspace.table (row_id TEXT, body_blob BLOB, PRIMARY KEY (row_id))
///
/// A call writes with one timestamp of this process, later than those of the calls before it, and
/// its retries carry it too (unless `timestamps` says otherwise). A value has to fit into the
/// server's limit, 16 MiB unless configured
/// (`too_large`). A row that somebody else wrote with a null value is absent to `mget`, but listed.
///
/// Where the servers' partitioner is not Murmur3, `yield_keys` and `estimate_keys` fail with
/// `schema`, and the other verbs work. A table whose `row_id` or `body_blob` is masked (Cassandra
/// 5.0) is refused with `unauthorized` unless the role of the session may UNMASK it: by the set-up,
/// or with `SetupMode::off` by each call. What is changed later is not noticed.
class CassandraByteStore final : public ByteStore {
 public:
  /// The names are folded like unquoted CQL unless in double quotes, and have 1 to 48 letters,
  /// digits and underscores.
  /// \throws Error `not_configured` without a session or a keyspace; `invalid_argument` for a bad
  /// name; with `SetupMode::sync` also what the set-up fails with: `schema` if the keyspace is
  /// missing or the table has other columns, `unauthorized` if it may not be created or read
  /// without masks, `unavailable`, `timeout`.
  explicit CassandraByteStore(std::string_view table, const CassandraOptions& options = {});

  /// Returns if the set-up is finished.
  /// \throws Error `setup_pending` if it is not; what it failed with.
  void ensure_db_setup();

  /// Waits until the set-up is finished. Signature: `void(std::exception_ptr)`. Defined in
  /// `cassandra_async.hpp`.
  template <typename Token>
  auto aensure_db_setup(Token&& token);

  /// What this store has done, and how its session is doing. \throws Error `cancelled` if it is
  /// closed.
  [[nodiscard]] CassandraStats stats() const;

 private:
  friend detail::CassandraAccess;

  CassandraByteStore(std::shared_ptr<cassandra::Table> table,
                     std::shared_ptr<const CallbackExecutor> executor);

  std::shared_ptr<cassandra::Table> table_;
};

}  // namespace bytestore
