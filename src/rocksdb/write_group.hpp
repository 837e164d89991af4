#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <vector>

#include "core/backend.hpp"
#include "rocksdb/batch_writer.hpp"

namespace bytestore::rocksdb_backend {

/// Writes several calls, each in its internal batches, with one sync for all.
class RocksDBWriteGroup final : public core::WriteGroup {
 public:
  /// `db` must stay open until the last sink was called.
  explicit RocksDBWriteGroup(rocksdb::DB& db) : db_(db) {}

  void write(const core::Writes& writes, const core::Call& call,
             core::Sink<core::WriteResult>& sink) override;
  void end() noexcept override;

 private:
  struct Member {
    std::unique_ptr<BatchWriter> writer;
    core::Sink<core::WriteResult>* sink;
  };

  rocksdb::DB& db_;
  std::vector<Member> members_;
};

}  // namespace bytestore::rocksdb_backend
