// Our contender of the side-by-side benchmark of embedded stores: one measured run of one verb on
// RocksDB.

#include <CLI/CLI.hpp>
#include <string>

#include "bytestore/rocksdb_byte_store.hpp"
#include "measured_run.hpp"

int bench::run_contender(int argc, char** argv) {
  CLI::App arguments("Measures the store on RocksDB.");
  MeasuredRun asked;
  asked.add_to(arguments);
  std::string folder;
  arguments.add_option("--folder", folder, "of the database")->required();
  bool sync = true;
  arguments.add_option("--sync", sync, "whether a write is on disk when its call returns");
  CLI11_PARSE(arguments, argc, argv);
  bytestore::RocksDBByteStore store(folder, {.sync = sync});
  measure(store, asked);
  return 0;
}
