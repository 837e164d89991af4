#include "backends.hpp"

#include "bytestore/memory_byte_store.hpp"
#ifdef BYTESTORE_ROCKSDB
#include "bytestore/rocksdb_byte_store.hpp"
#include "support/temporary_folder.hpp"
#endif

namespace bytestore::contract {
namespace {

class MemorySpace final : public Space {
 public:
  std::unique_ptr<ByteStore> open() override { return std::make_unique<MemoryByteStore>(); }
};

#ifdef BYTESTORE_ROCKSDB
class RocksDBSpace final : public Space {
 public:
  std::unique_ptr<ByteStore> open() override {
    return std::make_unique<RocksDBByteStore>(folder_.path());
  }

 private:
  testing::TemporaryFolder folder_;
};
#endif

}  // namespace

const std::vector<Backend>& backends() {
  static const std::vector<Backend> all{
      {.name = "memory",
       .make_space = [] { return std::make_unique<MemorySpace>(); },
       .exceptions = {.forgets_when_closed = true}},
#ifdef BYTESTORE_ROCKSDB
      {.name = "rocksdb", .make_space = [] { return std::make_unique<RocksDBSpace>(); }},
#endif
  };
  return all;
}

void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }

}  // namespace bytestore::contract
