// Batches of values, read and written by blocking calls, in an embedded store.

#include <bytestore/error.hpp>
#include <bytestore/rocksdb_byte_store.hpp>
#include <bytestore/version.hpp>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

using bytestore::Bytes;

int main() {
  const auto folder = std::filesystem::temp_directory_path() / "bytestore-example-blocking";
  {
    bytestore::RocksDBByteStore store(folder);

    // Any range of keys and values is allowed. If a key has several values, the last is stored.
    const std::map<std::string, Bytes> pages = {
        {"page:1", Bytes::copy("Call me Ishmael.")},
        {"page:2", Bytes::copy("Some years ago")},
    };
    store.mset(pages);
    store.mset({{"title", bytestore::as_bytes("Moby-Dick")}, {"empty", {}}});

    // There is one answer per position. An absent key is an empty optional; an empty value is not.
    for (const auto& value : store.mget({"title", "page:3", "empty"})) {
      if (value) {
        std::cout << "present: '" << value->view() << "'\n";
      } else {
        std::cout << "absent\n";
      }
    }

    // The keys are a lazy range.
    for (const auto& key : store.yield_keys({.prefix = "page:"})) std::cout << key << '\n';

    // Wrong input is refused before anything is written, and the message names the key.
    try {
      store.mset({{"fine", {}}, {"", {}}});
    } catch (const bytestore::Error& error) {
      std::cout << to_string(error.code()) << ": " << error.what() << '\n';
    }

    store.mdelete({"page:1", "page:2", "title", "empty"});
  }
  std::filesystem::remove_all(folder);
}
