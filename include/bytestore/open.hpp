#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bytestore/byte_store.hpp"

namespace bytestore {

struct OpenOptions {
  /// Whether to create a store that does not exist. If it is false, opening such a store fails with
  /// `unavailable`, or with `schema` if it is a table of a server.
  bool create_if_missing = true;

  /// How long opening may take; after that, it fails with `timeout`, or with why no server could be
  /// reached. It is for stores that are opened over a network. Zero means that only the store's own
  /// limits apply.
  std::chrono::milliseconds deadline{0};

  /// Runs handlers that have no associated executor (`run_on`). If it is null, a thread of the
  /// library runs them.
  std::shared_ptr<const CallbackExecutor> executor{};

  /// Receives the problems that were found while a store was opened, such as a password file that
  /// others can read (`CassandraSession::warnings`), before `open` returns. It may be null.
  std::function<void(std::string_view warning)> warn{};
};

/// Opens the store that a URI names:
///
///     memory:
///     rocksdb:PATH[?sync=true|false][&read_only=true|false][&cache=SIZE]
///     lmdb:PATH[?sync=true|false]
///     cassandra://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]...]/KEYSPACE?table=TABLE[&...]
///
/// Schemes compare without case. In paths, names and parameters, `%XX` means the byte XX. Write
/// `%25` for `%` and `%3F` for `?`; in a password, also write `%40` for `@`, `%3A` for `:` and
/// `%2F` for `/`.
///
/// The SIZE of `cache` is `RocksDBOptions::block_cache_bytes`, a number of bytes or of `KiB`, `MiB`
/// or `GiB`, such as `64MiB`.
///
/// A `cassandra:` store has its own session. Its password comes from the URI, or from the file that
/// `password_file` names, or from CASSANDRA_PASSWORD. Write IPv6 addresses in brackets. Parameters:
/// `table`, `consistency` (`local_quorum` and so on), `local_dc`,
/// `address_map` (`ANNOUNCED=REACHABLE`, several separated by commas, as the option of a session),
/// `tls_ca`, `tls_certificate` and `tls_key` (names of files), `tls_verify` (`ip`, `chain` or
/// `name:DNS_NAME`), `compression` (`none`, `lz4`, `snappy`), `setup` (`sync`, `off`), `grouping`
/// (`replica_set`, `off`), `read_group_keys`, `write_group_rows` (1 to 100), `write_group_bytes`,
/// `timestamps` (`client`, `server`), `allow_clock_difference` (`true`, `false`),
/// `connect_timeout`, `attempt_timeout`, `give_up_after` (times such as `10s` and `500ms`),
/// `worker_threads`, `application_name`, `password_file`. If `create_if_missing` is false, a table
/// that is missing is not created, and opening the store fails with `schema`.
/// \throws Error `invalid_argument` for an unknown scheme or parameter; the message lists the valid
/// ones. It also throws what the store's constructor throws. No message contains a password of the
/// URI, also if the URI is not valid.
std::unique_ptr<ByteStore> open(std::string_view uri, const OpenOptions& options = {});

/// Returns the local folder that holds the store of this URI, whether the folder exists or not.
/// Returns nothing if the store is not in a local folder. Programs that must not touch the folder
/// use it.
/// \throws Error `invalid_argument` if the URI has no scheme, is not percent-encoded correctly, or
/// has a password although it is no `cassandra:` URI.
std::optional<std::filesystem::path> local_folder(std::string_view uri);

/// Returns the URI in a form that may be shown, with `***` in place of a password. `uri` may be any
/// text that was meant as a URI, also with another scheme or none. Rather too much is hidden than
/// too little: everything from the first colon after `cassandra://` to the last `@`; if the text
/// does not begin so, from its first colon; and if there is no `@`, what follows a host and a colon
/// and is no port. The path of `rocksdb:PATH` and `lmdb:PATH` is shown, unless it contains
/// `//`.
std::string redacted(std::string_view uri);

}  // namespace bytestore
