#pragma once

#include <string>
#include <string_view>

#include "bytestore/cassandra_byte_store.hpp"
#include "bytestore/cassandra_session.hpp"

namespace bytestore {

/// The session and the store that a `cassandra:` URI names, to be opened by hand where `open` does
/// too little: for several stores on one session, or to be told its warnings.
struct CassandraTarget {
  CassandraSessionOptions session{};
  std::string table{};
  CassandraOptions store{};  ///< without `session`
};

/// Does no I/O, but reads `password_file` and CASSANDRA_PASSWORD.
/// \throws Error `invalid_argument` for what `open` refuses in such a URI, and for another scheme.
CassandraTarget cassandra_target(std::string_view uri);

}  // namespace bytestore
