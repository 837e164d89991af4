#pragma once

#include <cstdint>

namespace bytestore::cassandra {

/// Why a request did not succeed. The crate names the same codes in `bridge.rs`, and what the
/// bridge generates refuses to compile if their numbers differ.
enum class DriverErrorCode : std::int32_t {
  // What a server answered.
  syntax,
  invalid,        ///< wrong statement or values
  unknown_table,  ///< or keyspace: there is none, or the node has not heard of it yet
  already_exists,
  unauthorized,       ///< a permission is missing
  bad_credentials,    ///< wrong user or password, or none where they are needed
  roles_unavailable,  ///< passwords or permissions cannot be looked up for now; nothing was done
  config,
  unavailable,   ///< too few replicas are known to be alive: `received` of `required`
  read_timeout,  ///< with `received` and `required`, as the next three
  write_timeout,
  read_failure,  ///< the message names tombstones if it was they
  write_failure,
  overloaded,  ///< by the server, or no stream is left on the connection (`maybe_sent` tells)
  replica_overloaded,  ///< a replica refused it, and others may have taken it
  is_bootstrapping,
  truncate,
  unprepared,     ///< the statement must be prepared anew, and the driver could not
  other_id,       ///< a node prepares the statement under another id than others; nothing was done
  too_large,      ///< a key, value, batch or request over a limit of the server or the protocol
  too_many_keys,  ///< the request has more keys than the server allows; fewer are allowed
  refused_value,  ///< a constraint or type of the table does not allow the key or value
  refused_consistency,  ///< the table, or the service, does not allow the consistency level
  guardrail,  ///< any other rule of the server's operators forbids the request, for all keys
  server,     ///< any other error of a server
  protocol,   ///< an answer that cannot be understood, or a request that was not
  // What the driver found.
  bad_argument,       ///< an option or the number of values is wrong
  attempt_timeout,    ///< no answer in time
  connect_timeout,    ///< no connection in time
  no_connection,      ///< no connection to any node that the request could go to
  connection_broken,  ///< the connection ended before the answer
  tls,                ///< certificates or the handshake; messages name files
  datacenter,         ///< the local datacenter is unknown or ambiguous; the message lists them
  datacenter_down,    ///< no node of the local datacenter answers; the message names another that
                      ///< does
  schema_agreement,   ///< the schema was changed and the nodes did not agree on it in time
  internal,           ///< out of memory or threads, or a defect
  // What the crate does not know.
  node_hangs,     ///< given up before its time: the node answers nothing, and others do
  session_ended,  ///< the session was destroyed first
  /// In truth `unavailable`: the level counts replicas of the local datacenter, and the keyspace
  /// has
  /// none there.
  no_local_replicas,
};

}  // namespace bytestore::cassandra
