// Our contender of the side-by-side benchmark of embedded stores, and RocksDB itself: one measured
// run of one verb.

#include <CLI/CLI.hpp>
#include <string>

#include "bytestore/rocksdb_byte_store.hpp"
#include "measured_run.hpp"
#include "raw_rocksdb.hpp"

int bench::run_contender(int argc, char** argv) {
  CLI::App arguments("Measures the store on RocksDB.");
  MeasuredRun asked;
  asked.add_to(arguments);
  std::string folder;
  arguments.add_option("--folder", folder, "of the database")->required();
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
  bytestore::RocksDBByteStore store(folder, {.sync = sync});
  measure(store, asked);
  store.close();
  return 0;
}
