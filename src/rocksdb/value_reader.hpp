#pragma once

#include <rocksdb/slice.h>
#include <rocksdb/status.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/backend.hpp"
#include "rocksdb/database.hpp"

namespace bytestore::rocksdb_backend {

/// Reads the values of a batch into their positions in a result, a step at a time.
class ValueReader {
 public:
  /// How many keys a step has at most, which one MultiGet reads; a call can be interrupted between
  /// two steps. It is a multiple of 32, the size of RocksDB's own groups, and small enough that
  /// values of some KiB are still in the processor's cache when they are taken.
  static constexpr std::size_t kStepKeys = 128;

  /// `result` has a place for each key.
  ValueReader(Database& database, std::span<const std::string_view> keys, core::ReadResult& result);

  /// Reads the keys of [`begin`, `end`). A value is copied unless it is most of the memory that it
  /// would keep alive.
  void read(std::size_t begin, std::size_t end);

  /// The same without copies, whatever memory the values pin.
  void read_pinned(std::size_t begin, std::size_t end);

 private:
  void get(std::size_t begin, std::span<rocksdb::PinnableSlice> values);
  template <typename Own>
  void take(std::size_t begin, std::span<rocksdb::PinnableSlice> values, const Own& own);
  void fail(std::size_t index, ErrorCode code, std::string message);

  Database& database_;
  std::span<const std::string_view> keys_;
  core::ReadResult& result_;
  std::vector<rocksdb::Slice> slices_;
  std::vector<rocksdb::Status> statuses_;
  std::vector<rocksdb::PinnableSlice> values_;
};

}  // namespace bytestore::rocksdb_backend
