#include "rocksdb/batch_writer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "bytestore/rocksdb_byte_store.hpp"
#include "core/value_header.hpp"
#include "rocksdb/key_sort.hpp"
#include "rocksdb/status.hpp"
#include "rocksdb/stored_value.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// What a batch stores in addition to key and value: a tag and two lengths of at most 5 bytes.
constexpr std::size_t kRecordBytes = 11;

/// What a batch begins with: a sequence number and a count.
constexpr std::size_t kHeadBytes = 12;

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
  add({.index = next_index_, .key = key, .value = value}, core::kValueHeader.size() + value.size());
}

void BatchWriter::remove(std::string_view key) {
  add({.index = next_index_, .key = key, .value = {}, .removes = true}, 0);
}

void BatchWriter::refuse(std::string_view key, ErrorCode code, std::string message) {
  failures_.push_back({.index = next_index_++,
                       .key = std::string(key),
                       .code = code,
                       .outcome = Outcome::failed,
                       .message = std::move(message)});
}

void BatchWriter::add(const Operation& operation, std::size_t value_bytes) {
  const std::size_t bytes = kRecordBytes + operation.key.size() + value_bytes;
  if (!in_batch_.empty() && kHeadBytes + batch_bytes_ + bytes > kBatchBytes) write(false);
  in_batch_.push_back(operation);
  batch_bytes_ += bytes;
  ++next_index_;
  if (batch_bytes_ >= kBatchBytes || in_batch_.size() >= kBatchKeys) write(false);
}

void BatchWriter::write(bool last) {
  const auto operations = std::exchange(in_batch_, {});
  const std::size_t bytes = std::exchange(batch_bytes_, 0);
  if (const auto code = call_.interruption()) {
    return fail(operations, *code, Outcome::failed, std::string(core::interruption_message(*code)));
  }
  const bool sync = sync_ && last;  // this also syncs what was written before it
  rocksdb::WriteBatch batch(kHeadBytes + bytes);
  for_each_by_key(operations, [&](const Operation& operation) { append(operation, batch); });
  const auto [status, was_tried] = log_.write(batch, sync);
  if (!status.ok()) {
    // A part of it may be in the log, and be found when the database is opened again.
    const auto outcome = was_tried ? Outcome::unknown : Outcome::failed;
    return fail(operations, code_of(status), outcome, describe("writing", status));
  }
  if (sync) {
    not_synced_.clear();
  } else if (sync_) {
    not_synced_.insert(not_synced_.end(), operations.begin(), operations.end());
  }
}

void BatchWriter::append(const Operation& operation, rocksdb::WriteBatch& batch) {
  const rocksdb::Slice key(operation.key);
  if (operation.removes) {
    batch.Delete(key);
    return;
  }
  const std::array<rocksdb::Slice, 2> value_parts{
      rocksdb::Slice(core::kValueHeader.data(), core::kValueHeader.size()), operation.value};
  batch.Put(rocksdb::SliceParts(&key, 1),
            rocksdb::SliceParts(value_parts.data(), static_cast<int>(value_parts.size())));
}

template <typename Use>
void BatchWriter::for_each_by_key(const std::vector<Operation>& operations, const Use& use) {
  if (std::ranges::is_sorted(operations, {}, &Operation::key)) {
    std::ranges::for_each(operations, use);
    return;
  }
  std::vector<std::string_view> keys(operations.size());
  std::ranges::transform(operations, keys.begin(), &Operation::key);
  for (const auto position : positions_by_key(keys)) use(operations[position]);
}

void BatchWriter::fail(const std::vector<Operation>& operations, ErrorCode code, Outcome outcome,
                       const std::string& message) {
  for (const Operation& operation : operations) {
    failures_.push_back({.index = operation.index,
                         .key = std::string(operation.key),
                         .code = code,
                         .outcome = outcome,
                         .message = message});
  }
}

std::vector<KeyFailure> BatchWriter::finish() {
  if (!in_batch_.empty()) write(true);
  return finish(needs_sync() ? log_.sync() : rocksdb::Status::OK());
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
