#include "rocksdb/rocksdb_backend.hpp"

#include <utility>

#include "core/batch_steps.hpp"
#include "core/store.hpp"
#include "rocksdb/batch_writer.hpp"
#include "rocksdb/key_scan.hpp"
#include "rocksdb/uncounted.hpp"
#include "rocksdb/value_reader.hpp"
#include "rocksdb/write_group.hpp"

namespace bytestore::rocksdb_backend {
namespace {

using ReadStep = void (ValueReader::*)(std::size_t begin, std::size_t end);

void read_in_steps(Database& database, std::span<const std::string_view> keys,
                   const core::Call& call, core::Sink<core::ReadResult>& sink, ReadStep step) {
  const Uncounted uncounted;
  core::ReadResult result;
  result.values.resize(keys.size());
  ValueReader reader(database, keys, result);
  core::in_steps(
      keys.size(), ValueReader::kStepKeys, call, result.failures,
      [&](std::size_t i) { return keys[i]; },
      [&](std::size_t begin, std::size_t end) { (reader.*step)(begin, end); });
  sink.done(std::move(result));
}

}  // namespace

void RocksDBBackend::mget(std::span<const std::string_view> keys, const core::Call& call,
                          core::Sink<core::ReadResult>& sink) {
  read_in_steps(database_, keys, call, sink, &ValueReader::read);
}

void RocksDBBackend::mget_pinned(std::span<const std::string_view> keys, const core::Call& call,
                                 core::Sink<core::ReadResult>& sink) {
  read_in_steps(database_, keys, call, sink, &ValueReader::read_pinned);
}

void RocksDBBackend::write(const core::Writes& writes, const core::Call& call,
                           core::Sink<core::WriteResult>& sink) {
  if (auto refusal = database_.write_refusal()) {
    return sink.done({.failures = {}, .error = std::move(refusal)});
  }
  const Uncounted uncounted;
  BatchWriter writer(database_.log(), sync_, call);
  writer.add(writes);
  sink.done({.failures = writer.finish()});
}

std::unique_ptr<core::WriteGroup> RocksDBBackend::begin_group() {
  // What may not be written is refused call by call.
  if (!sync_ || database_.write_refusal()) return nullptr;
  return std::make_unique<RocksDBWriteGroup>(database_.log());
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
