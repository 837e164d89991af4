#include "rocksdb/rocksdb_backend.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/batch_steps.hpp"
#include "core/store.hpp"
#include "rocksdb/batch_writer.hpp"
#include "rocksdb/key_scan.hpp"
#include "rocksdb/status.hpp"
#include "rocksdb/stored_value.hpp"
#include "rocksdb/uncounted.hpp"
#include "rocksdb/write_group.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// How many keys one MultiGet reads; a call can be interrupted between two of them. It is a
/// multiple of 32, the size of RocksDB's own groups, and small enough that values of some KiB are
/// still in the processor's cache when they are taken.
constexpr std::size_t kReadStepKeys = 128;

/// How many values ahead the memory of a value is prefetched.
constexpr std::size_t kPrefetchedValues = 4;

}  // namespace

void RocksDBBackend::mget(std::span<const std::string_view> keys, const core::Call& call,
                          core::Sink<core::ReadResult>& sink) {
  const Uncounted uncounted;
  core::ReadResult result;
  result.values.resize(keys.size());
  const auto fail = [&](std::size_t i, ErrorCode code, std::string message) {
    result.failures.push_back({.index = i,
                               .key = std::string(keys[i]),
                               .code = code,
                               .outcome = Outcome::failed,
                               .message = std::move(message)});
  };
  const auto take = [&](std::size_t i, const rocksdb::Status& status,
                        rocksdb::PinnableSlice& stored) {
    if (status.IsNotFound()) return;
    if (!status.ok()) return fail(i, code_of(status), describe("reading", status));
    auto value = take_value(stored, keys[i].size(), database_.block_cache());
    if (!value) fail(i, ErrorCode::corrupt, std::string(kUnknownHeaderMessage));
    result.values[i] = std::move(value);
  };
  rocksdb::DB& db = database_.db();
  const auto read_one = [&](std::size_t i) {
    rocksdb::PinnableSlice stored;
    take(i, db.Get({}, db.DefaultColumnFamily(), rocksdb::Slice(keys[i]), &stored), stored);
  };
  // A call of one key needs none of these.
  const std::size_t step = keys.size() == 1 ? 0 : std::min(keys.size(), kReadStepKeys);
  std::vector<rocksdb::Slice> slices(step);
  std::vector<rocksdb::PinnableSlice> values(step);
  std::vector<rocksdb::Status> statuses(step);
  const auto read = [&](std::size_t begin, std::size_t end) {
    const std::size_t count = end - begin;
    if (count == 1) return read_one(begin);
    std::ranges::copy(keys.subspan(begin, count), slices.begin());
    db.MultiGet({}, db.DefaultColumnFamily(), count, slices.data(), values.data(), statuses.data());
    for (std::size_t i = 0; i < count; ++i) {
      __builtin_prefetch(values[std::min(i + kPrefetchedValues, count - 1)].data());
      take(begin + i, statuses[i], values[i]);
    }
  };
  core::in_steps(
      keys.size(), kReadStepKeys, call, result.failures, [&](std::size_t i) { return keys[i]; },
      read);
  sink.done(std::move(result));
}

void RocksDBBackend::write(const core::Writes& writes, const core::Call& call,
                           core::Sink<core::WriteResult>& sink) {
  if (auto refusal = database_.write_refusal()) {
    return sink.done({.failures = {}, .error = std::move(refusal)});
  }
  const Uncounted uncounted;
  BatchWriter writer(database_.db(), sync_, call);
  writer.add(writes);
  sink.done({.failures = writer.finish()});
}

std::unique_ptr<core::WriteGroup> RocksDBBackend::begin_group() {
  // What may not be written is refused call by call.
  if (!sync_ || database_.write_refusal()) return nullptr;
  return std::make_unique<RocksDBWriteGroup>(database_.db());
}

std::unique_ptr<core::KeyScan> RocksDBBackend::scan(std::string prefix, std::string after) {
  return std::make_unique<RocksDBKeyScan>(database_, std::move(prefix), std::move(after));
}

void RocksDBBackend::estimate_keys(const core::Call& /*call*/,
                                   core::Sink<core::EstimateResult>& sink) {
  if (const auto keys = database_.estimate_keys()) return sink.done({.keys = *keys});
  sink.done({.error = Error(ErrorCode::io,
                            "RocksDB does not report how many keys it has; count them instead")});
}

}  // namespace bytestore::rocksdb_backend

namespace bytestore {

RocksDBByteStore::RocksDBByteStore(const std::filesystem::path& path, const RocksDBOptions& options)
    : ByteStore(std::make_shared<core::Store>(
          std::make_unique<rocksdb_backend::RocksDBBackend>(path, options), options.executor)) {}

CompactResult RocksDBByteStore::compact(const CompactOptions& options) {
  core::refuse_in_completion("compact");
  const auto pass = store()->gate().enter();
  const core::Call call({.stop = options.stop}, store()->gate().stop_token());
  store()->wait_for_writes(call);
  auto& database = static_cast<rocksdb_backend::RocksDBBackend&>(store()->backend()).database();
  if (auto refusal = database.write_refusal()) throw std::move(*refusal);
  return database.compact(call, options.on_progress);
}

}  // namespace bytestore
