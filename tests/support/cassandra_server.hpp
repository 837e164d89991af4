#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bytestore/cassandra_session.hpp"

namespace bytestore::testing {

/// A real server for tests, as `tools/cassandra up --json` describes it.
struct CassandraServer {
  struct Tls {
    std::string ca;
    std::string certificate;  ///< of a client
    std::string key;
    std::string untrusted_ca;  ///< signed nothing of the server
    std::string names;         ///< what the server's certificate names: "address" or "dns"
    std::string dns_name;      ///< the name, if "dns"
  };

  std::vector<std::string> contact_points;
  std::uint16_t port = 0;
  std::string datacenter;
  std::string log;       ///< file, of the first node
  std::string username;  ///< empty: the server asks for none
  std::string password;
  std::string superuser;  ///< besides, where the server asks for users
  std::string superuser_password;
  std::optional<Tls> tls;
};

/// The server that the file which BYTESTORE_TEST_SERVER names describes; CTest starts it and sets
/// the variable. \throws std::runtime_error if there is none: a test that needs it has failed.
const CassandraServer& cassandra_server();

/// A session with it, in the keyspace of the tests, and with patience: the server has just started,
/// and shares few processors with sanitized tests. At QUORUM if BYTESTORE_TEST_TRANSACTIONAL_MODE
/// is set: the tables of that server refuse the default.
CassandraSessionOptions session_options();

/// The name of a table that is not there, and that no other process uses.
std::string new_table_name();

}  // namespace bytestore::testing
