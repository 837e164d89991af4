#include "rocksdb/stored_value.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/fork.hpp"
#include "core/value_header.hpp"
#include "rocksdb/database.hpp"

namespace bytestore::rocksdb_backend {
namespace {

/// Owns a block of the cache that a value points into.
class PinnedBlock {
 public:
  PinnedBlock(rocksdb::PinnableSlice slice, std::shared_ptr<rocksdb::Cache> block_cache)
      : pin_(std::make_unique<Pin>(std::move(block_cache), std::move(slice))) {}
  ~PinnedBlock() {
    // In a forked child, the locks of the cache may never be released.
    if (home_.in_child()) core::leak(std::move(pin_));
  }
  PinnedBlock(const PinnedBlock&) = delete;
  PinnedBlock& operator=(const PinnedBlock&) = delete;

  [[nodiscard]] std::string_view view() const { return pin_->slice.ToStringView(); }

 private:
  struct Pin {
    Pin(std::shared_ptr<rocksdb::Cache> cache, rocksdb::PinnableSlice pinned)
        : block_cache(std::move(cache)), slice(std::move(pinned)) {}
    std::shared_ptr<rocksdb::Cache> block_cache;  // outlives the slice
    rocksdb::PinnableSlice slice;
  };

  core::ForkGuard home_;
  std::unique_ptr<Pin> pin_;
};

std::span<const std::byte> without_header(std::string_view stored) {
  return as_bytes(stored.substr(core::kValueHeader.size()));
}

}  // namespace

std::string too_large_message(std::size_t bytes) {
  return fmt::format("the value has {} bytes, over the limit of {}; split it over several keys",
                     bytes, RocksDBByteStore::kMaxValueBytes);
}

std::optional<Bytes> take_value(rocksdb::PinnableSlice& stored, std::size_t key_size,
                                const std::shared_ptr<rocksdb::Cache>& block_cache) {
  std::optional<Bytes> value;
  if (!core::has_value_header(stored.ToStringView())) {
    stored.Reset();
    return value;
  }
  if (!stored.IsPinned()) {
    const auto owner = std::make_shared<const std::string>(std::move(*stored.GetSelf()));
    stored.Reset();
    value = Bytes::share(owner, without_header(*owner), owner->size());
    return value;
  }
  // A block ends with the entry that fills it, so the rest of it is at most one block size.
  const std::size_t buffer_size = kBlockBytes + key_size + stored.size();
  if (stored.size() < buffer_size - stored.size()) {
    value = Bytes::copy(without_header(stored.ToStringView()));
    stored.Reset();
    return value;
  }
  const auto owner = std::make_shared<const PinnedBlock>(std::move(stored), block_cache);
  value = Bytes::share(owner, without_header(owner->view()), buffer_size);
  return value;
}

std::optional<Bytes> share_value(const rocksdb::PinnableSlice& stored,
                                 const std::shared_ptr<const PinnedValues>& owner) {
  const auto bytes = stored.ToStringView();
  if (!core::has_value_header(bytes)) return std::nullopt;
  const auto value = without_header(bytes);
  return Bytes::share(owner, value, value.size());
}

}  // namespace bytestore::rocksdb_backend
