// What a `Bytes` costs.

#include <benchmark/benchmark.h>

#include <string>

#include "bytestore/bytes.hpp"

namespace {

using bytestore::Bytes;

void make_by_copy(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'v');
  for (auto _ : state) benchmark::DoNotOptimize(Bytes::copy(text));
}

void share_buffer(benchmark::State& state) {
  const auto buffer = std::make_shared<const std::string>(16'384, 'v');
  for (auto _ : state) {
    benchmark::DoNotOptimize(Bytes::share(buffer, bytestore::as_bytes(*buffer), buffer->size()));
  }
}

void copy_handle(benchmark::State& state) {
  const auto bytes = Bytes::copy(std::string(16'384, 'v'));
  for (auto _ : state) benchmark::DoNotOptimize(Bytes(bytes));
}

BENCHMARK(make_by_copy)->Arg(100)->Arg(1'024)->Arg(65'536);
BENCHMARK(share_buffer);
BENCHMARK(copy_handle);

}  // namespace
