#pragma once

#include <functional>
#include <memory>
#include <variant>

#include "bytestore/cassandra_session.hpp"
#include "bytestore/error.hpp"
#include "cassandra/driver/port.hpp"
#include "cassandra/session/shared_session.hpp"

namespace bytestore::cassandra {

/// The options in the words of the port. \throws Error for what can be seen to be wrong without
/// I/O.
SessionConfig config_of(const CassandraSessionOptions& options);

/// What the stores of such a session take over. \throws Error as `config_of`.
SessionSettings settings_of(const CassandraSessionOptions& options);

/// Of public options: the same level by the port's name.
[[nodiscard]] Consistency to_port(bytestore::Consistency consistency);

using ConnectResult = std::variant<std::shared_ptr<SharedSession>, Error>;

/// What makes connections, as `connect` of the driver port does.
using ConnectFunction = std::function<AbortConnecting(const SessionConfig&, SessionSink&)>;

/// Connects and compares clocks, then calls back on a thread of the driver.
/// \throws Error `invalid_argument` or `not_configured` before any I/O.
AbortConnecting start_connecting(const CassandraSessionOptions& options,
                                 std::function<void(ConnectResult)> connected,
                                 const ConnectFunction& connector = connect);

}  // namespace bytestore::cassandra
