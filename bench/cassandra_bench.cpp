// Our contender of the side-by-side benchmark on Cassandra: one measured run of one verb.
//
// The session comes from CASSANDRA_CONTACT_POINTS and CASSANDRA_KEYSPACE, as for `bytestore::init`.

#include <CLI/CLI.hpp>
#include <chrono>
#include <map>
#include <string>

#include "bytestore/cassandra_byte_store.hpp"
#include "measured_run.hpp"

using bytestore::Grouping;

int bench::run_contender(int argc, char** argv) {
  CLI::App arguments("Measures the store on Cassandra.");
  MeasuredRun asked;
  asked.add_to(arguments);
  std::string table;
  arguments.add_option("--table", table, "made if it is not there")->required();
  Grouping grouping = Grouping::replica_set;
  arguments.add_option("--grouping", grouping, "replica_set or off")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Grouping>{
          {"replica_set", Grouping::replica_set}, {"off", Grouping::off}}));
  std::chrono::milliseconds::rep delay = 0;
  arguments.add_option("--speculative-delay", delay, "in milliseconds; 0: never");
  CLI11_PARSE(arguments, argc, argv);
  bytestore::CassandraOptions options{.grouping = grouping};
  if (delay > 0) options.speculative_delay = std::chrono::milliseconds{delay};
  bytestore::init();
  bytestore::CassandraByteStore store(table, options);
  measure(store, asked);
  return 0;
}
