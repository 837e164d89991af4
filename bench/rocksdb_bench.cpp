// The RocksDB store against RocksDB itself: the same options, keys, values and calls.
//
// Names: <what>/<who>, where who is `store` or `raw`; script/bench pairs them.

#include <benchmark/benchmark.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bytestore/rocksdb_byte_store.hpp"
#include "rocksdb/database.hpp"

namespace {

namespace fs = std::filesystem;
using bytestore::Bytes;
using bytestore::Entry;
using bytestore::RocksDBByteStore;
using bytestore::RocksDBOptions;
using bytestore::rocksdb_backend::Database;

constexpr std::size_t kKeys = 100'000;
constexpr std::size_t kCallKeys = 1'000;
constexpr std::size_t kValueBytes = 1'024;

std::string key_of(std::size_t number) { return "embedding:" + std::to_string(number); }

/// Values half of which is random, as text and vectors are: neither all compressible nor not at
/// all.
std::string value_of(std::mt19937_64& random) {
  std::string value(kValueBytes, 'v');
  for (std::size_t i = 0; i < kValueBytes / 2; ++i) value[i] = static_cast<char>(random());
  return value;
}

std::vector<std::string> call_keys(std::mt19937_64& random) {
  std::vector<std::string> keys(kCallKeys);
  for (auto& key : keys) key = key_of(random() % kKeys);
  return keys;
}

/// A folder that lasts as long as this object.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(fs::temp_directory_path() / ("bytestore-bench-" + name)) {
    fs::remove_all(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

/// Brings a filled database into the shape that it would have however it was filled.
void compact(const fs::path& path) {
  Database database(path, {});
  database.db().CompactRange({}, nullptr, nullptr);
  database.close();
}

/// The store, filled and compacted.
struct Store {
  explicit Store(const RocksDBOptions& options) : folder("store") {
    std::mt19937_64 random(1);
    RocksDBByteStore filled(folder.path(), {.sync = false});
    for (std::size_t i = 0; i < kKeys; i += kCallKeys) {
      std::vector<Entry> entries;
      for (std::size_t j = i; j < i + kCallKeys; ++j) {
        entries.push_back({.key = key_of(j), .value = Bytes::copy(value_of(random))});
      }
      filled.mset(entries);
    }
    filled.close();
    compact(folder.path());
    store = std::make_unique<RocksDBByteStore>(folder.path(), options);
  }

  Folder folder;
  std::unique_ptr<RocksDBByteStore> store;
};

/// A database with the same options, filled and compacted in the same way.
struct Raw {
  explicit Raw(const RocksDBOptions& options) : folder("raw") {
    std::mt19937_64 random(1);
    Database filled(folder.path(), {});
    for (std::size_t i = 0; i < kKeys; i += kCallKeys) {
      rocksdb::WriteBatch batch;
      for (std::size_t j = i; j < i + kCallKeys; ++j) batch.Put(key_of(j), value_of(random));
      filled.db().Write({}, &batch);
    }
    filled.close();
    compact(folder.path());
    database = std::make_unique<Database>(folder.path(), options);
  }

  Folder folder;
  std::unique_ptr<Database> database;
};

void count_keys(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kCallKeys));
}

void mget_store(benchmark::State& state) {
  const Store fixture({});
  std::mt19937_64 random(2);
  for (auto _ : state) {
    state.PauseTiming();
    const auto keys = call_keys(random);
    state.ResumeTiming();
    auto values = fixture.store->mget(keys);
    benchmark::DoNotOptimize(values.data());
    values.clear();  // letting go of blocks that are pinned is part of a read
  }
  count_keys(state);
}

void mget_raw(benchmark::State& state) {
  const Raw fixture({});
  auto& db = fixture.database->db();
  std::mt19937_64 random(2);
  for (auto _ : state) {
    state.PauseTiming();
    const auto keys = call_keys(random);
    state.ResumeTiming();
    const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    db.MultiGet({}, db.DefaultColumnFamily(), keys.size(), slices.data(), values.data(),
                statuses.data());
    benchmark::DoNotOptimize(values.data());
    values.clear();  // letting go of blocks that are pinned is part of a read
  }
  count_keys(state);
}

void mset_store(benchmark::State& state, bool sync) {
  const Store fixture({.sync = sync});
  std::mt19937_64 random(3);
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Entry> entries;
    for (const auto& key : call_keys(random)) {
      entries.push_back({.key = key, .value = Bytes::copy(value_of(random))});
    }
    state.ResumeTiming();
    fixture.store->mset(entries);
  }
  count_keys(state);
}

void mset_raw(benchmark::State& state, bool sync) {
  const Raw fixture({});
  rocksdb::WriteOptions options;
  options.sync = sync;
  std::mt19937_64 random(3);
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Entry> entries;
    for (const auto& key : call_keys(random)) {
      entries.push_back({.key = key, .value = Bytes::copy(value_of(random))});
    }
    state.ResumeTiming();
    rocksdb::WriteBatch batch;
    for (const auto& entry : entries) batch.Put(entry.key, entry.value.view());
    fixture.database->db().Write(options, &batch);
  }
  count_keys(state);
}

BENCHMARK(mget_store)->Name("mget/store")->UseRealTime();
BENCHMARK(mget_raw)->Name("mget/raw")->UseRealTime();
BENCHMARK_CAPTURE(mset_store, nosync, false)->Name("mset sync=false/store")->UseRealTime();
BENCHMARK_CAPTURE(mset_raw, nosync, false)->Name("mset sync=false/raw")->UseRealTime();
BENCHMARK_CAPTURE(mset_store, sync, true)->Name("mset sync=true/store")->UseRealTime();
BENCHMARK_CAPTURE(mset_raw, sync, true)->Name("mset sync=true/raw")->UseRealTime();

}  // namespace
