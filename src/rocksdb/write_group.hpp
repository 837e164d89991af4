#pragma once

#include <memory>
#include <vector>

#include "core/backend.hpp"
#include "rocksdb/batch_writer.hpp"
#include "rocksdb/write_ahead_log.hpp"

namespace bytestore::rocksdb_backend {

/// Writes several calls, each in its internal batches, with one sync for all.
class RocksDBWriteGroup final : public core::WriteGroup {
 public:
  /// The database of `log` must stay open until the last sink was called.
  explicit RocksDBWriteGroup(WriteAheadLog& log) : log_(log) {}

  void write(const core::Writes& writes, const core::Call& call,
             core::Sink<core::WriteResult>& sink) override;
  void end() noexcept override;

 private:
  struct Member {
    std::unique_ptr<BatchWriter> writer;
    core::Sink<core::WriteResult>* sink;
  };

  WriteAheadLog& log_;
  std::vector<Member> members_;
};

}  // namespace bytestore::rocksdb_backend
