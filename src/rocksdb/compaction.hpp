#pragma once

#include <rocksdb/listener.h>

#include <atomic>
#include <cstdint>
#include <functional>

#include "bytestore/rocksdb_byte_store.hpp"
#include "core/call.hpp"

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace bytestore::rocksdb_backend {

/// Counts what compactions of a database write.
class CompactedBytes final : public rocksdb::EventListener {
 public:
  void OnTableFileCreated(const rocksdb::TableFileCreationInfo& info) override;
  void OnBlobFileCreated(const rocksdb::BlobFileCreationInfo& info) override;

  [[nodiscard]] std::uint64_t count() const noexcept { return bytes_.load(); }

 private:
  std::atomic<std::uint64_t> bytes_{0};
};

/// Compacts all of a database, on a thread of its own, while this one reports how far it is.
/// \throws Error as `RocksDBByteStore::compact` does.
CompactResult compact_all(rocksdb::DB& database, const CompactedBytes& compacted,
                          const core::Call& call,
                          const std::function<void(const CompactProgress&)>& on_progress);

}  // namespace bytestore::rocksdb_backend
