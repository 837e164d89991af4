#include "rocksdb/batch_writer.hpp"

#include <array>
#include <utility>

#include "bytestore/rocksdb_byte_store.hpp"
#include "rocksdb/status.hpp"
#include "rocksdb/stored_value.hpp"
#include "rocksdb/value_header.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// What a batch stores in addition to key and value: a tag and two lengths of at most 5 bytes.
constexpr std::size_t kRecordBytes = 11;

rocksdb::Slice slice_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void BatchWriter::add(const core::Writes& writes) {
  if (const auto* const entries = std::get_if<std::span<const EntryRef>>(&writes)) {
    return put_all(*entries);
  }
  remove_all(std::get<std::span<const std::string_view>>(writes));
}

void BatchWriter::put_all(std::span<const EntryRef> entries) {
  for (const EntryRef& entry : entries) {
    if (entry.value.size() > RocksDBByteStore::kMaxValueBytes) {
      refuse(entry.key, ErrorCode::too_large, too_large_message(entry.value.size()));
      continue;
    }
    put(entry.key, slice_of(entry.value));
  }
}

void BatchWriter::remove_all(std::span<const std::string_view> keys) {
  for (const std::string_view key : keys) remove(key);
}

void BatchWriter::put(std::string_view key, rocksdb::Slice value) {
  make_room(key.size() + kValueHeader.size() + value.size());
  const rocksdb::Slice whole_key(key);
  const std::array<rocksdb::Slice, 2> value_parts{
      rocksdb::Slice(kValueHeader.data(), kValueHeader.size()), value};
  batch_.Put(rocksdb::SliceParts(&whole_key, 1),
             rocksdb::SliceParts(value_parts.data(), static_cast<int>(value_parts.size())));
  added(key);
}

void BatchWriter::remove(std::string_view key) {
  make_room(key.size());
  batch_.Delete(rocksdb::Slice(key));
  added(key);
}

void BatchWriter::refuse(std::string_view key, ErrorCode code, std::string message) {
  failures_.push_back({.index = next_index_++,
                       .key = std::string(key),
                       .code = code,
                       .outcome = Outcome::failed,
                       .message = std::move(message)});
}

void BatchWriter::make_room(std::size_t bytes) {
  if (in_batch_.empty()) return;
  if (batch_.GetDataSize() + kRecordBytes + bytes > kBatchBytes) write(false);
}

void BatchWriter::added(std::string_view key) {
  in_batch_.push_back({.index = next_index_++, .key = key});
  if (batch_.GetDataSize() >= kBatchBytes || in_batch_.size() >= kBatchKeys) write(false);
}

void BatchWriter::write(bool last) {
  const auto positions = std::exchange(in_batch_, {});
  if (const auto code = call_.interruption()) {
    batch_.Clear();
    return fail(positions, *code, Outcome::failed, std::string(core::interruption_message(*code)));
  }
  rocksdb::WriteOptions options;
  options.sync = sync_ && last;  // this also syncs what was written before it
  const auto status = db_.Write(options, &batch_);
  batch_.Clear();
  if (!status.ok()) {
    // A part of it may be in the log, and be found when the database is opened again.
    return fail(positions, code_of(status), Outcome::unknown, describe("writing", status));
  }
  if (options.sync) {
    not_synced_.clear();
  } else if (sync_) {
    not_synced_.insert(not_synced_.end(), positions.begin(), positions.end());
  }
}

void BatchWriter::fail(const std::vector<Written>& positions, ErrorCode code, Outcome outcome,
                       const std::string& message) {
  for (const Written& position : positions) {
    failures_.push_back({.index = position.index,
                         .key = std::string(position.key),
                         .code = code,
                         .outcome = outcome,
                         .message = message});
  }
}

std::vector<KeyFailure> BatchWriter::finish() {
  if (!in_batch_.empty()) write(true);
  return finish(needs_sync() ? db_.SyncWAL() : rocksdb::Status::OK());
}

void BatchWriter::write_all() {
  if (!in_batch_.empty()) write(false);
}

std::vector<KeyFailure> BatchWriter::finish(const rocksdb::Status& synced) {
  if (!synced.ok()) {
    fail(not_synced_, code_of(synced), Outcome::unknown, describe("writing to disk", synced));
  }
  return std::move(failures_);
}

}  // namespace bytestore::rocksdb_backend
