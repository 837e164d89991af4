// One measured run of the Cassandra store, for the harness that compares it with others: fills a
// table, then times one verb over all of its keys. Prints one line of JSON.
//
//   cassandra_bench VERB KEYS VALUE_BYTES CALL_KEYS [--grouping off]
//
// VERB is mset, mget, mdelete or keys. The session comes from CASSANDRA_CONTACT_POINTS and
// CASSANDRA_KEYSPACE, as for `bytestore::init`.

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/cassandra_byte_store.hpp"

namespace {

using bytestore::CassandraByteStore;
using bytestore::EntryRef;

struct Run {
  std::string verb;
  std::size_t keys;
  std::size_t value_bytes;
  std::size_t call_keys;
  bytestore::Grouping grouping = bytestore::Grouping::replica_set;
};

Run parse(int argc, char** argv) {
  if (argc < 5) {
    throw std::invalid_argument(
        "usage: cassandra_bench VERB KEYS VALUE_BYTES CALL_KEYS [--grouping off]");
  }
  Run run{.verb = argv[1],
          .keys = std::stoul(argv[2]),
          .value_bytes = std::stoul(argv[3]),
          .call_keys = std::stoul(argv[4])};
  if (argc > 6 && std::string_view(argv[6]) == "off") run.grouping = bytestore::Grouping::off;
  return run;
}

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long peak_kibibytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

void measure(const Run& run) {
  std::mt19937_64 random(1);
  std::string value(run.value_bytes, 'v');
  for (std::size_t i = 0; i < value.size(); i += 2) value[i] = static_cast<char>(random());
  std::vector<std::string> keys(run.keys);
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = fmt::format("embedding:{}", i);

  bytestore::init();
  CassandraByteStore store("bench", {.grouping = run.grouping});
  const auto in_calls = [&](const std::function<void(std::size_t, std::size_t)>& call) {
    for (std::size_t i = 0; i < run.keys; i += run.call_keys) {
      call(i, std::min(i + run.call_keys, run.keys));
    }
  };
  const auto mset = [&](std::size_t begin, std::size_t end) {
    std::vector<EntryRef> entries;
    for (std::size_t i = begin; i < end; ++i)
      entries.push_back({keys[i], bytestore::as_bytes(value)});
    store.mset(entries);
  };
  const auto chunk = [&](std::size_t begin, std::size_t end) {
    return std::vector<std::string_view>(keys.begin() + static_cast<std::ptrdiff_t>(begin),
                                         keys.begin() + static_cast<std::ptrdiff_t>(end));
  };
  const auto mget = [&](std::size_t begin, std::size_t end) {
    for (const auto& found : store.mget(chunk(begin, end))) {
      if (!found || found->size() != run.value_bytes)
        throw std::runtime_error("a value is missing");
    }
  };
  const auto mdelete = [&](std::size_t begin, std::size_t end) {
    store.mdelete(chunk(begin, end));
  };
  std::size_t listed = 0;
  const auto list = [&](std::size_t, std::size_t) {
    for ([[maybe_unused]] const auto& key : store.yield_keys()) ++listed;
  };

  if (run.verb != "mset") {
    for (std::size_t i = 0; i < run.keys; i += 1'000) mset(i, std::min(i + 1'000, run.keys));
  }
  const auto processor = processor_seconds();
  const auto begin = std::chrono::steady_clock::now();
  if (run.verb == "mset") in_calls(mset);
  if (run.verb == "mget") in_calls(mget);
  if (run.verb == "mdelete") in_calls(mdelete);
  if (run.verb == "keys") list(0, run.keys);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  fmt::print("{{\"keys\": {}, \"seconds\": {:.6f}, \"cpu_seconds\": {:.6f}, \"peak_kib\": {}}}\n",
             run.verb == "keys" ? listed : run.keys, elapsed.count(),
             processor_seconds() - processor, peak_kibibytes());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    measure(parse(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    static_cast<void>(std::fputs(error.what(), stderr));
    return 1;
  }
}
