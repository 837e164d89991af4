// Single inserts as fast as one worker makes them over the bridge; see also
// driver/examples/insert_rate.rs. `insert_rate REQUESTS`, with the server of the environment.

#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <semaphore>
#include <thread>

#include "driver_test.hpp"

namespace bytestore::cassandra {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kInFlight = 256;

double cpu_microseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

/// What all lanes share.
struct Run {
  DriverSession& session;
  const Statement& insert;
  const std::int64_t requests;
  const std::vector<NodeId> replicas;
  const std::string value = std::string(1024, 'x');
  std::atomic<std::int64_t> next = 0;
  std::atomic<int> failed = 0;
  std::counting_semaphore<kInFlight> idle{kInFlight};

  void send(std::int64_t number, RowsSink& sink) {
    const std::string key = fmt::format("key{:08}", number);
    const Value row[] = {std::string_view(key), as_bytes(value)};
    RequestOptions options;
    options.timestamp = number + 1;
    options.replicas = replicas;
    session.execute(insert, row, options, sink);
  }
};

/// One of the requests in flight: each answer sends the next one, on the driver's thread.
class Lane final : public RowsSink {
 public:
  explicit Lane(Run& run) : run_(run) {}

  void step() {
    const std::int64_t number = run_.next.fetch_add(1, std::memory_order_relaxed);
    if (number >= run_.requests) return run_.idle.release();
    run_.send(number, *this);
  }

  void done(Result<Rows> result) noexcept override {
    if (result.index() != 0) ++run_.failed;
    step();
  }

 private:
  Run& run_;
};

void report(const char* way, const Run& run, Clock::time_point start, double cpu) {
  const std::chrono::duration<double> took = Clock::now() - start;
  const auto count = static_cast<double>(run.requests);
  fmt::print("{}: {:.0f}/s, {:.2f} us of CPU each, {} failed\n", way, count / took.count(),
             (cpu_microseconds() - cpu) / count, run.failed.load());
}

void from_completions(Run run) {
  const auto start = Clock::now();
  const double cpu = cpu_microseconds();
  std::vector<Lane> lanes(kInFlight, Lane(run));
  for (Lane& lane : lanes) {
    run.idle.acquire();
    lane.step();
  }
  for (int i = 0; i != kInFlight; ++i) run.idle.acquire();
  report("from completions", run, start, cpu);
}

/// Gives its place back to the thread that sends.
class Place final : public RowsSink {
 public:
  explicit Place(Run& run) : run_(run) {}

  void done(Result<Rows> result) noexcept override {
    if (result.index() != 0) ++run_.failed;
    run_.idle.release();
  }

 private:
  Run& run_;
};

void from_a_thread(Run run) {
  const auto start = Clock::now();
  const double cpu = cpu_microseconds();
  Place place(run);
  for (std::int64_t number = 0; number != run.requests; ++number) {
    run.idle.acquire();
    run.send(number, place);
  }
  for (int i = 0; i != kInFlight; ++i) run.idle.acquire();
  report("from a thread", run, start, cpu);
}

void measure(std::int64_t requests) {
  const auto session = connected();
  value_of(query(*session,
                 "CREATE KEYSPACE IF NOT EXISTS bytestore_rate WITH replication = "
                 "{'class': 'SimpleStrategy', 'replication_factor': 1}"));
  value_of(query(*session,
                 "CREATE TABLE IF NOT EXISTS bytestore_rate.kv "
                 "(row_id TEXT, body_blob BLOB, PRIMARY KEY (row_id))"));
  const auto insert =
      prepared(*session, "INSERT INTO bytestore_rate.kv (row_id, body_blob) VALUES (?, ?)");
  std::vector<NodeId> node;
  session->topology("bytestore_rate", "kv", "")->replicas(0, node);
  for (int i = 0; i != 5; ++i) {
    from_completions({*session, *insert, requests, {}});
    from_completions({*session, *insert, requests, node});
    from_a_thread({*session, *insert, requests, {}});
  }
}

}  // namespace
}  // namespace bytestore::cassandra

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  bytestore::cassandra::measure(std::stoll(argv[1]));
  return 0;
}
