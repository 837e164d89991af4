#pragma once

#include "bytestore/rocksdb_byte_store.hpp"
#include "core/backend.hpp"
#include "rocksdb/database.hpp"

namespace bytestore::rocksdb_backend {

/// The backend on a RocksDB database. A key is stored as it is, and a value after its header.
class RocksDBBackend final : public core::Backend {
 public:
  RocksDBBackend(const std::filesystem::path& path, const RocksDBOptions& options)
      : database_(path, options), sync_(options.sync) {}

  [[nodiscard]] bool runs_inline() const noexcept override { return true; }

  void mget(std::span<const std::string_view> keys, const core::Call& call,
            core::Sink<core::ReadResult>& sink) override;
  void mget_pinned(std::span<const std::string_view> keys, const core::Call& call,
                   core::Sink<core::ReadResult>& sink) override;
  void write(const core::Writes& writes, const core::Call& call,
             core::Sink<core::WriteResult>& sink) override;
  std::unique_ptr<core::WriteGroup> begin_group() override;
  [[nodiscard]] core::KeyOrder key_order() const noexcept override { return core::KeyOrder::bytes; }
  std::unique_ptr<core::KeyScan> scan(std::string prefix, std::string after) override;
  void estimate_keys(const core::Call& call, core::Sink<core::EstimateResult>& sink) override;
  void close() override { database_.close(); }

  [[nodiscard]] Database& database() noexcept { return database_; }

 private:
  Database database_;
  bool sync_;
};

}  // namespace bytestore::rocksdb_backend
