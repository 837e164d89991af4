#include "stats.hpp"

#include <nanobind/stl/string.h>

#include <chrono>
#include <string>

#include "bytestore/cassandra_stats.hpp"

namespace bytestore::python {
namespace {

namespace nb = nanobind;

template <std::chrono::microseconds LatencyStats::* Field>
double seconds(const LatencyStats& stats) {
  return std::chrono::duration<double>(stats.*Field).count();
}

nb::typed<nb::dict, std::string, std::uint64_t> failures(const VerbStats& stats) {
  const nb::dict by_code;
  for (const auto& [code, count] : stats.failures) {
    by_code[nb::cast(std::string(to_string(code)))] = count;
  }
  return nb::borrow<nb::typed<nb::dict, std::string, std::uint64_t>>(by_code);
}

}  // namespace

void define_stats(const nb::module_& module) {
  nb::class_<LatencyStats>(module, "LatencyStats",
                           "How long something took, in seconds; 0 where nothing was counted.")
      .def_ro("count", &LatencyStats::count)
      .def_prop_ro("p50", &seconds<&LatencyStats::p50>)
      .def_prop_ro("p90", &seconds<&LatencyStats::p90>)
      .def_prop_ro("p99", &seconds<&LatencyStats::p99>)
      .def_prop_ro("p999", &seconds<&LatencyStats::p999>)
      .def_prop_ro("max", &seconds<&LatencyStats::max>);
  nb::class_<VerbStats>(module, "VerbStats",
                        "What one verb of a store has done since the store was opened.")
      .def_ro("calls", &VerbStats::calls, "Calls that have ended.")
      .def_ro("keys", &VerbStats::keys, "Keys of these calls.")
      .def_ro("requests", &VerbStats::requests, "Attempts that were sent to servers.")
      .def_ro("retries", &VerbStats::retries, "Attempts for keys that had failed before.")
      .def_ro("speculative", &VerbStats::speculative, "Attempts beside one that was slow.")
      .def_ro("bytes_sent", &VerbStats::bytes_sent, "Of keys and values.")
      .def_ro("bytes_received", &VerbStats::bytes_received, "Of keys and values.")
      .def_prop_ro("failures", &failures, "Keys that did not succeed, by code.")
      .def_ro("call_latency", &VerbStats::call_latency)
      .def_ro("request_latency", &VerbStats::request_latency);
  nb::class_<CassandraStats>(module, "CassandraStats",
                             "What a store has done, and how its session is doing.")
      .def_ro("mget", &CassandraStats::mget)
      .def_ro("mset", &CassandraStats::mset)
      .def_ro("mdelete", &CassandraStats::mdelete)
      .def_ro("yield_keys", &CassandraStats::yield_keys)
      .def_ro("requests_in_flight", &CassandraStats::requests_in_flight)
      .def_ro("window", &CassandraStats::window, "Requests that may be in flight now.")
      .def_ro("server_warnings", &CassandraStats::server_warnings);
}

}  // namespace bytestore::python
