/// Writes the store in store-of-0.1, in a build of that version (README.md), and ends without
/// closing it.

#include <unistd.h>

#include <bytestore/rocksdb_byte_store.hpp>
#include <string>

using bytestore::as_bytes;

int main(int /*argc*/, char** argv) {
  const std::string large(20'000, 'x');
  const std::string magic("\xB5ytestore\x00\xE2\x9C\x89\x0D\x0A\x1Aplain", 21);
  {
    bytestore::RocksDBByteStore store(argv[1]);
    store.mset({{"a", as_bytes("1")},
                {"empty", {}},
                {"gone", as_bytes("2")},
                {"large", as_bytes(large)},
                {"magic", as_bytes(magic)}});
    store.mdelete({"gone"});
  }
  bytestore::RocksDBByteStore store(argv[1]);
  store.mset({{"\xC3\xA9", as_bytes("later")}});
  ::_exit(0);
}
