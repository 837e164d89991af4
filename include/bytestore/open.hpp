#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bytestore/byte_store.hpp"

namespace bytestore {

struct OpenOptions {
  /// Whether a store that is not there yet is created; otherwise opening fails with `unavailable`.
  bool create_if_missing = true;

  /// Runs completions whose handlers bring no executor of their own. Null: a thread of the library.
  std::shared_ptr<const CallbackExecutor> executor{};
};

/// Opens the store that a URI names:
///
///     memory:
///     rocksdb:PATH[?sync=true|false]
///     cassandra://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]...]/KEYSPACE?table=TABLE[&...]
///
/// In paths, names and parameters `%XX` stands for the byte XX; write `%25` for `%` and `%3F` for
/// `?`, and in a password also `%40` for `@`, `%3A` for `:` and `%2F` for `/`.
///
/// A `cassandra:` store has a session of its own. Its password is the one in the URI, or in the
/// file that `password_file` names, or in CASSANDRA_PASSWORD. IPv6 addresses are in brackets.
/// Parameters: `table`, `consistency` (`local_quorum` and so on), `local_dc`, `tls_ca`,
/// `tls_certificate` and `tls_key` (names of files), `tls_verify` (`ip`, `chain` or
/// `name:DNS_NAME`), `compression` (`none`, `lz4`, `snappy`), `setup` (`sync`, `off`),
/// `grouping` (`replica_set`, `off`), `timestamps` (`client`, `server`), `connect_timeout`,
/// `attempt_timeout`, `give_up_after` (times such as `10s` and `500ms`), `worker_threads`,
/// `application_name`, `password_file`. Without `create_if_missing`, `setup` is `off`.
/// \throws Error `invalid_argument` for an unknown scheme or parameter, listing the valid ones; and
/// what the constructor of the store throws.
std::unique_ptr<ByteStore> open(std::string_view uri, const OpenOptions& options = {});

/// The folder of this machine that a store of this URI lives in, whether it is there or not;
/// nothing for a store that lives elsewhere. For programs that must keep out of it.
/// \throws Error `invalid_argument` for a URI that has no scheme or is not percent-encoded rightly.
std::optional<std::filesystem::path> local_folder(std::string_view uri);

/// The URI as it may be shown: with `***` for a password.
std::string redacted(std::string_view uri);

}  // namespace bytestore
