#pragma once

#include <functional>
#include <memory>
#include <variant>

#include "bytestore/cassandra_session.hpp"
#include "bytestore/error.hpp"
#include "cassandra/driver/port.hpp"
#include "cassandra/session/shared_session.hpp"

namespace bytestore::cassandra {

/// \throws Error for what can be seen to be wrong without I/O.
void check(const CassandraSessionOptions& options);

/// What the stores of such a session take over. \throws Error for a keyspace or consistency level
/// that is wrong.
SessionSettings settings_of(const CassandraSessionOptions& options);

/// The same level. \throws Error `invalid_argument` for the one that cannot be read with.
[[nodiscard]] Consistency checked_consistency(Consistency consistency);

using ConnectResult = std::variant<std::shared_ptr<SharedSession>, Error>;

/// What makes connections, as `connect` of the driver port does.
using ConnectFunction =
    std::function<AbortConnecting(const CassandraSessionOptions&, SessionSink&, DriverReport)>;

/// Connects and compares clocks, then calls back on a thread of the driver. Clocks that differ do
/// not keep a session from being made: its settings have the refusal of stores that depend on them.
/// \throws Error `invalid_argument` or `not_configured` before any I/O.
AbortConnecting start_connecting(const CassandraSessionOptions& options,
                                 std::function<void(ConnectResult)> connected,
                                 const ConnectFunction& connector = connect);

}  // namespace bytestore::cassandra
