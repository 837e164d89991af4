// Our contenders of the side-by-side benchmark of embedded stores, and RocksDB itself: one measured
// run of one verb.

#include <CLI/CLI.hpp>
#include <string>

#include "bytestore/lmdb_byte_store.hpp"
#include "bytestore/rocksdb_byte_store.hpp"
#include "measured_run.hpp"
#include "raw_rocksdb.hpp"

namespace {

template <typename Store, typename Options>
int measure_store(const std::string& folder, const Options& options,
                  const bench::MeasuredRun& asked) {
  Store store(folder, options);
  bench::measure(store, asked);
  store.close();
  return 0;
}

}  // namespace

int bench::run_contender(int argc, char** argv) {
  CLI::App arguments("Measures the stores on RocksDB and LMDB.");
  MeasuredRun asked;
  asked.add_to(arguments);
  std::string folder;
  arguments.add_option("--folder", folder, "of the database")->required();
  std::string store = "rocksdb";
  arguments.add_option("--store", store, "what the store is on")
      ->check(CLI::IsMember({"rocksdb", "lmdb"}));
  bool sync = true;
  arguments.add_option("--sync", sync, "whether a write is on disk when its call returns");
  bool raw = false;
  arguments.add_flag("--raw", raw, "call RocksDB itself, which then does not sync");
  CLI11_PARSE(arguments, argc, argv);
  if (raw) {
    RawRocksDB database(folder);
    measure(database, asked);
    database.close();
    return 0;
  }
  if (store == "lmdb") {
    return measure_store<bytestore::LmdbByteStore>(folder, bytestore::LmdbOptions{.sync = sync},
                                                   asked);
  }
  return measure_store<bytestore::RocksDBByteStore>(folder, bytestore::RocksDBOptions{.sync = sync},
                                                    asked);
}
