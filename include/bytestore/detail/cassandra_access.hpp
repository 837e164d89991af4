#pragma once

#include <memory>
#include <string>

#include "bytestore/cassandra_byte_store.hpp"
#include "bytestore/cassandra_session.hpp"

namespace bytestore::detail {

/// What the library and its Python package need of the Cassandra classes beyond their public
/// members. No promise is made about it.
struct CassandraAccess {
  static const std::shared_ptr<cassandra::SharedSession>& shared(
      const CassandraSession& session) noexcept {
    return session.shared_;
  }

  /// The statements that read, write and delete one key; prepared now unless they were before.
  /// \throws Error `setup_pending`, what the set-up failed with, and what preparing fails with.
  static std::string select_cql(CassandraByteStore& store);
  static std::string insert_cql(CassandraByteStore& store);
  static std::string delete_cql(CassandraByteStore& store);
};

}  // namespace bytestore::detail
