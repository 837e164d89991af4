#include "bytestore/byte_store.hpp"

#include <utility>

#include "core/listing.hpp"
#include "core/store.hpp"

namespace bytestore {

ByteStore::ByteStore(std::shared_ptr<core::Store> store) : store_(std::move(store)) {}

ByteStore::~ByteStore() { store_->abandon(); }

ByteStore::Values ByteStore::mget(const KeyList& keys, const CallOptions& options) {
  return store_->mget(keys.view(), options);
}

void ByteStore::mset(const EntryList& entries, const CallOptions& options) {
  store_->mset(entries.view(), options);
}

void ByteStore::mdelete(const KeyList& keys, const CallOptions& options) {
  store_->mdelete(keys.view(), options);
}

KeyView ByteStore::yield_keys(KeysOptions options) {
  return KeyView(std::make_unique<core::Listing>(store_, std::move(options)));
}

AsyncKeyStream ByteStore::ayield_keys(KeysOptions options) {
  return AsyncKeyStream(std::make_shared<core::Listing>(store_, std::move(options)));
}

std::uint64_t ByteStore::estimate_keys(const CallOptions& options) {
  return store_->estimate_keys(options);
}

void ByteStore::close(std::chrono::milliseconds deadline) { store_->close(deadline); }

}  // namespace bytestore
