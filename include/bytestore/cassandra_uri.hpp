#pragma once

#include <string>
#include <string_view>

#include "bytestore/cassandra_byte_store.hpp"
#include "bytestore/cassandra_session.hpp"

namespace bytestore {

/// The options of the session and of the store that a `cassandra:` URI names. Use them if `open` is
/// not enough: for several stores on one session, or to read the session's warnings.
struct CassandraTarget {
  CassandraSessionOptions session{};
  std::string table{};
  CassandraOptions store{};  ///< its `session` is not set
};

/// Reads a `cassandra:` URI. It does no I/O except reading `password_file`, and reads
/// CASSANDRA_PASSWORD from the environment.
/// \throws Error `invalid_argument` for a URI that `open` would refuse, and for another scheme.
CassandraTarget cassandra_target(std::string_view uri);

}  // namespace bytestore
