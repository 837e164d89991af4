#include "backends.hpp"

#include "bytestore/memory_byte_store.hpp"
#ifdef BYTESTORE_CASSANDRA
#include "bytestore/cassandra_byte_store.hpp"
#include "support/cassandra_server.hpp"
#endif
#ifdef BYTESTORE_LMDB
#include "bytestore/lmdb_byte_store.hpp"
#endif
#ifdef BYTESTORE_ROCKSDB
#include "bytestore/rocksdb_byte_store.hpp"
#endif
#include "support/temporary_folder.hpp"

namespace bytestore::contract {
namespace {

class MemorySpace final : public Space {
 public:
  std::unique_ptr<ByteStore> open() override { return std::make_unique<MemoryByteStore>(); }
};

/// A folder of its own.
template <typename Store>
class FolderSpace final : public Space {
 public:
  std::unique_ptr<ByteStore> open() override { return std::make_unique<Store>(folder_.path()); }

 private:
  testing::TemporaryFolder folder_;
};

#ifdef BYTESTORE_CASSANDRA
/// A table of its own on the server of the tests, which forgets it when it ends.
class CassandraSpace final : public Space {
 public:
  std::unique_ptr<ByteStore> open() override {
    return std::make_unique<CassandraByteStore>(table_, CassandraOptions{.session = session_});
  }

 private:
  /// Two threads of the driver, so that what they share is seen by the thread sanitizer.
  static CassandraSessionOptions options() {
    auto options = testing::session_options();
    options.worker_threads = 2;
    return options;
  }

  std::shared_ptr<CassandraSession> session_ = CassandraSession::connect(options());
  std::string table_ = testing::new_table_name();
};
#endif

}  // namespace

const std::vector<Backend>& backends() {
  static const std::vector<Backend> all{
      {.name = "memory",
       .make_space = [] { return std::make_unique<MemorySpace>(); },
       .exceptions = {.forgets_when_closed = true}},
#ifdef BYTESTORE_ROCKSDB
      {.name = "rocksdb",
       .make_space = [] { return std::make_unique<FolderSpace<RocksDBByteStore>>(); }},
#endif
#ifdef BYTESTORE_LMDB
      {.name = "lmdb", .make_space = [] { return std::make_unique<FolderSpace<LmdbByteStore>>(); }},
#endif
#ifdef BYTESTORE_CASSANDRA
      {.name = "cassandra",
       .make_space = [] { return std::make_unique<CassandraSpace>(); },
       .exceptions = {.refuses_huge_values = true,
                      .estimates_late = true,
                      .reads_may_overtake_writes = true}},
#endif
  };
  return all;
}

void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }

}  // namespace bytestore::contract
