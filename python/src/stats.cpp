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
                           "The distribution of a duration, in seconds; 0 if nothing was counted.")
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
      .def_ro("requests", &VerbStats::requests, "Requests for keys that were sent to servers.")
      .def_ro("retries", &VerbStats::retries, "Retries, also of statement preparation.")
      .def_ro("speculative", &VerbStats::speculative,
              "Speculative requests, sent because the first was slow.")
      .def_ro("bytes_sent", &VerbStats::bytes_sent, "Bytes of keys and values.")
      .def_ro("bytes_received", &VerbStats::bytes_received, "Bytes of keys and values.")
      .def_prop_ro("failures", &failures, "How many keys did not succeed, by code.")
      .def_ro("call_latency", &VerbStats::call_latency)
      .def_ro("request_latency", &VerbStats::request_latency);
  nb::class_<CassandraStats>(module, "CassandraStats",
                             "What a store has done, and the present state of its session.")
      .def_ro("mget", &CassandraStats::mget)
      .def_ro("mset", &CassandraStats::mset)
      .def_ro("mdelete", &CassandraStats::mdelete)
      .def_ro("yield_keys", &CassandraStats::yield_keys)
      .def_ro("requests_in_flight", &CassandraStats::requests_in_flight)
      .def_ro("window", &CassandraStats::window, "How many requests may be in flight now.")
      .def_ro("server_warnings", &CassandraStats::server_warnings);
}

}  // namespace bytestore::python
