#pragma once

#include <rocksdb/slice.h>
#include <rocksdb/write_batch.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/batch.hpp"
#include "bytestore/error.hpp"
#include "core/backend.hpp"
#include "core/call.hpp"
#include "rocksdb/write_ahead_log.hpp"

namespace bytestore::rocksdb_backend {

/// Writes one call in atomic internal batches, and makes the batches that succeeded durable with
/// one sync.
///
/// Add operations in the order of their positions. Keys and values must live until `finish`. An
/// internal batch is written in the order of its keys; of operations on one key, the last counts.
class BatchWriter {
 public:
  /// The limits of an internal batch; one larger operation is a batch of its own.
  static constexpr std::size_t kBatchBytes = std::size_t{8} << 20;
  static constexpr std::size_t kBatchKeys = 10'000;

  BatchWriter(WriteAheadLog& log, bool sync, const core::Call& call)
      : log_(log), sync_(sync), call_(call) {}

  /// Adds what is to be written. A value that is too large is refused.
  void add(const core::Writes& writes);

  void put(std::string_view key, rocksdb::Slice value);
  void remove(std::string_view key);

  /// Marks the next position as failed, for a reason that the backend knows; it is not written.
  void refuse(std::string_view key, ErrorCode code, std::string message);

  /// Writes the remaining operations, syncs, and returns the positions that did not succeed.
  [[nodiscard]] std::vector<KeyFailure> finish();

  /// Does the same in two steps, for writers that share one sync. This step writes the remaining
  /// operations.
  void write_all();
  [[nodiscard]] bool needs_sync() const noexcept { return !not_synced_.empty(); }
  /// This step takes the result of a sync that came after `write_all`.
  [[nodiscard]] std::vector<KeyFailure> finish(const rocksdb::Status& synced);

 private:
  struct Operation {
    std::size_t index;
    std::string_view key;
    rocksdb::Slice value;
    bool removes = false;
  };

  void put_all(std::span<const EntryRef> entries);
  void remove_all(std::span<const std::string_view> keys);
  void add(const Operation& operation, std::size_t value_bytes);
  void write(bool last);
  static void append(const Operation& operation, rocksdb::WriteBatch& batch);
  template <typename Use>
  static void for_each_by_key(const std::vector<Operation>& operations, const Use& use);
  void fail(const std::vector<Operation>& operations, ErrorCode code, Outcome outcome,
            const std::string& message);

  WriteAheadLog& log_;
  bool sync_;
  const core::Call& call_;

  std::size_t next_index_ = 0;
  std::vector<Operation> in_batch_;
  std::size_t batch_bytes_ = 0;  // what the operations need at most
  std::vector<Operation> not_synced_;
  std::vector<KeyFailure> failures_;
};

}  // namespace bytestore::rocksdb_backend
