#pragma once

#include <memory>

#include "bytestore/cassandra_session.hpp"

namespace bytestore::cassandra {

/// The session that `init` connected. \throws Error `not_configured` if there is none.
std::shared_ptr<CassandraSession> default_session();

/// The options with what they leave empty taken from the environment.
CassandraSessionOptions with_environment(CassandraSessionOptions options);

}  // namespace bytestore::cassandra
