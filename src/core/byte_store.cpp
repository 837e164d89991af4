#include "bytestore/byte_store.hpp"

#include <utility>

#include "bytestore/async.hpp"
#include "bytestore/detail/store_access.hpp"
#include "core/async_call.hpp"
#include "core/listing.hpp"
#include "core/run_blocking.hpp"
#include "core/store.hpp"
#include "core/verbs.hpp"

namespace bytestore {

ByteStore::ByteStore(std::shared_ptr<core::Store> store) : store_(std::move(store)) {}

ByteStore::~ByteStore() { store_->abandon(); }

ByteStore::Values ByteStore::mget(const KeyList& keys, const CallOptions& options) {
  return core::run_blocking(*store_, core::Mget(keys.view()), options);
}

void ByteStore::mset(const EntryList& entries, const CallOptions& options) {
  core::run_blocking(*store_, core::Mset(entries.view()), options);
}

void ByteStore::mdelete(const KeyList& keys, const CallOptions& options) {
  core::run_blocking(*store_, core::Mdelete(keys.view()), options);
}

KeyView ByteStore::yield_keys(KeysOptions options) {
  return KeyView(std::make_unique<core::Listing>(store_, std::move(options)));
}

AsyncKeyStream ByteStore::ayield_keys(KeysOptions options) {
  return AsyncKeyStream(std::make_shared<core::Listing>(store_, std::move(options)));
}

std::uint64_t ByteStore::estimate_keys(const CallOptions& options) {
  return core::run_blocking(*store_, core::EstimateKeys(), options);
}

void ByteStore::close(std::chrono::milliseconds deadline) { store_->close(deadline); }

}  // namespace bytestore

namespace bytestore::detail {

ByteStore::Values StoreAccess::mget_pinned(ByteStore& store, const KeyList& keys,
                                           const CallOptions& options) {
  return core::run_blocking(*store.store_, core::MgetPinned(keys.view()), options);
}

boost::asio::any_io_executor callback_executor(const core::Store& store) {
  return store.callback_executor();
}

void start_mget(std::shared_ptr<core::Store> store, std::vector<std::string> keys,
                const CallOptions& options, ReadCompletion completion) {
  core::AsyncCall<core::Mget>::launch(std::move(completion), std::move(store), options,
                                      std::move(keys));
}

void start_mset(std::shared_ptr<core::Store> store, std::vector<Entry> entries,
                const CallOptions& options, WriteCompletion completion) {
  core::AsyncCall<core::Mset>::launch(std::move(completion), std::move(store), options,
                                      std::move(entries));
}

void start_mdelete(std::shared_ptr<core::Store> store, std::vector<std::string> keys,
                   const CallOptions& options, WriteCompletion completion) {
  core::AsyncCall<core::Mdelete>::launch(std::move(completion), std::move(store), options,
                                         std::move(keys));
}

void start_estimate_keys(std::shared_ptr<core::Store> store, const CallOptions& options,
                         EstimateCompletion completion) {
  core::AsyncCall<core::EstimateKeys>::launch(std::move(completion), std::move(store), options);
}

}  // namespace bytestore::detail
