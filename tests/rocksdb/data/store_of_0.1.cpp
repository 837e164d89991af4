/// Uses a store in a build of version 0.1 (README.md):
///
///     store_of_0.1 write PATH   makes the store that is in store-of-0.1, and ends without closing
///     it store_of_0.1 read PATH    prints each key and the size of its value, and adds the key
///     `0.1`

#include <unistd.h>

#include <bytestore/rocksdb_byte_store.hpp>
#include <exception>
#include <iostream>
#include <string>

using bytestore::as_bytes;
using bytestore::RocksDBByteStore;

namespace {

[[noreturn]] void write(const std::string& path) {
  const std::string large(20'000, 'x');
  const std::string magic("\xB5ytestore\x00\xE2\x9C\x89\x0D\x0A\x1Aplain", 21);
  {
    RocksDBByteStore store(path);
    store.mset({{"a", as_bytes("1")},
                {"empty", {}},
                {"gone", as_bytes("2")},
                {"large", as_bytes(large)},
                {"magic", as_bytes(magic)}});
    store.mdelete({"gone"});
  }
  RocksDBByteStore store(path);
  store.mset({{"\xC3\xA9", as_bytes("later")}});
  ::_exit(0);
}

void read(const std::string& path) {
  RocksDBByteStore store(path);
  for (const auto& key : store.yield_keys()) {
    std::cout << key << ' ' << store.mget({key})[0]->size() << '\n';
  }
  store.mset({{"0.1", as_bytes("was here")}});
}

}  // namespace

int main(int /*argc*/, char** argv) {
  try {
    if (argv[1] == std::string("write")) write(argv[2]);
    read(argv[2]);
    return 0;
  } catch (const std::exception& error) {
    std::cout << error.what() << '\n';
    return 1;
  }
}
