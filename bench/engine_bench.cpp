// What the parts of the Cassandra engine cost by themselves: planning, the window, and crossing to
// the driver. CASSANDRA_CONTACT_POINTS names a server for the crossing that needs one.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cassandra/driver/port.hpp"
#include "cassandra/policy/duplicate_keys.hpp"
#include "cassandra/policy/replica_sets.hpp"
#include "cassandra/policy/request_groups.hpp"
#include "cassandra/session/window.hpp"
#include "core/waiting_sink.hpp"
#include "made_up_ring.hpp"

namespace {

using namespace bytestore::cassandra;  // NOLINT(google-build-using-namespace)
using bytestore::as_bytes;

constexpr std::size_t kKeys = 1'000;

std::vector<std::string> some_keys() {
  std::vector<std::string> keys(kKeys);
  for (std::size_t i = 0; i < kKeys; ++i) keys[i] = fmt::format("embedding-{}", i);
  return keys;
}

/// Of nodes with 16 tokens each, as a cluster has by default.
bench::MadeUpRing ring_of(std::int64_t nodes) {
  std::mt19937_64 random(1);  // NOLINT(cert-msc51-cpp): the same ring each time
  return {static_cast<std::size_t>(nodes), 16, random};
}

/// Duplicates, tokens, replica sets and groups of a call of 1,000 keys.
void plan_a_call(benchmark::State& state) {
  const ReplicaSets sets(ring_of(state.range(0)));
  const auto keys = some_keys();
  for (auto _ : state) {
    const UniqueKeys distinct(kKeys, UniqueKeys::Keep::last,
                              [&](std::size_t i) { return std::string_view(keys[i]); });
    RequestGroups plan;
    for (std::size_t i = 0; i < distinct.size(); ++i) {
      plan.add(distinct.position(i), sets.of(token_of(as_bytes(keys[distinct.position(i)]))),
               1'100);
    }
    while (!plan.empty()) benchmark::DoNotOptimize(plan.next({.keys = 10, .bytes = 5'000}));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kKeys));
}

void learn_the_ring(benchmark::State& state) {
  const auto ring = ring_of(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(ReplicaSets(ring));
}

/// A request that takes a place in the window, and gives it back.
class Sender final : public Window::Sender {
 public:
  Window::SendResult send_one() noexcept override { return {.sent = true, .more = false}; }
};

void pass_the_window(benchmark::State& state) {
  Window window(WindowBounds{});
  const auto sender = std::make_shared<Sender>();
  for (auto _ : state) {
    window.queue(sender);
    window.send();
    window.release(
        {.kind = Window::Completion::Kind::good, .latency = std::chrono::microseconds{100}});
  }
}

/// To Rust and back, without a thread: the token of a key.
void cross_the_bridge(benchmark::State& state) {
  const std::string key = "embedding-12345";
  for (auto _ : state) benchmark::DoNotOptimize(token_of(as_bytes(key)));
}

/// To the driver's thread and back to one that waits.
void cross_to_the_driver(benchmark::State& state) {
  bytestore::CassandraSessionOptions config;
  config.contact_points = {
      std::getenv("CASSANDRA_CONTACT_POINTS")};  // NOLINT(concurrency-mt-unsafe)
  bytestore::core::WaitingSink<Result<std::unique_ptr<DriverSession>>> connected;
  connect(config, connected);
  auto result = connected.wait();
  if (const auto* error = std::get_if<DriverError>(&result)) {
    const char* const why = error->message.c_str();  // Google Benchmark 1.7 takes no std::string
    return state.SkipWithError(why);
  }
  const auto session = std::get<std::unique_ptr<DriverSession>>(std::move(result));
  for (auto _ : state) {
    bytestore::core::WaitingSink<int> back;
    session->run_on_driver([&] { back.done(1); });
    benchmark::DoNotOptimize(back.wait());
  }
}

BENCHMARK(plan_a_call)->Arg(1)->Arg(3)->Arg(100);
BENCHMARK(learn_the_ring)->Arg(3)->Arg(100);
BENCHMARK(pass_the_window);
BENCHMARK(cross_the_bridge);

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (std::getenv("CASSANDRA_CONTACT_POINTS") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
    benchmark::RegisterBenchmark("cross_to_the_driver", cross_to_the_driver)->UseRealTime();
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
