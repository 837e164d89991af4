#pragma once

/// Defines the asynchronous verbs of `ByteStore` and `AsyncKeyStream`. Include this header where
/// you call them.
///
/// Calls that one thread initiates keep their order, and it need not wait for each: of two writes
/// of a key, whatever else they write, the one that was initiated later wins. In memory and on
/// RocksDB or LMDB, a read sees the writes that were initiated before it; on Cassandra, it is
/// certain to see only those that were acknowledged before. `ByteStore` has the whole contract,
/// under "Order".

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bytestore/byte_store.hpp"
#include "bytestore/detail/completion.hpp"

namespace bytestore {

class CallbackExecutor {
 public:
  explicit CallbackExecutor(boost::asio::any_io_executor executor)
      : executor_(std::move(executor)) {}

  [[nodiscard]] const boost::asio::any_io_executor& get() const noexcept { return executor_; }

 private:
  boost::asio::any_io_executor executor_;
};

/// Makes the value of a store's `executor` option: handlers that have no associated executor then
/// run on `executor`. Its execution context must outlive the store's operations, so declare the
/// context before the store, or close the store first. A context that ends earlier destroys the
/// handlers of the operations in flight; no operation may be started after that.
inline std::shared_ptr<const CallbackExecutor> run_on(boost::asio::any_io_executor executor) {
  return std::make_shared<const CallbackExecutor>(std::move(executor));
}

namespace detail {

boost::asio::any_io_executor callback_executor(const core::Store& store);
/// Returns the executor of the store that is listed, or the library's executor if `listing` is
/// null.
boost::asio::any_io_executor callback_executor(const core::Listing* listing);

void start_mget(std::shared_ptr<core::Store> store, std::vector<std::string> keys,
                const CallOptions& options, ReadCompletion completion);
void start_mset(std::shared_ptr<core::Store> store, std::vector<Entry> entries,
                const CallOptions& options, WriteCompletion completion);
void start_mdelete(std::shared_ptr<core::Store> store, std::vector<std::string> keys,
                   const CallOptions& options, WriteCompletion completion);
void start_estimate_keys(std::shared_ptr<core::Store> store, const CallOptions& options,
                         EstimateCompletion completion);
void start_close(std::shared_ptr<core::Store> store, std::chrono::milliseconds deadline,
                 WriteCompletion completion);
/// `listing` is null if the stream was moved from.
void start_next(const std::shared_ptr<core::Listing>& listing, KeyCompletion completion);
void start_next_page(const std::shared_ptr<core::Listing>& listing, PageCompletion completion);

}  // namespace detail

template <typename Token>
auto ByteStore::amget(std::vector<std::string> keys, CallOptions options, Token&& token) {
  return boost::asio::async_initiate<Token, void(std::exception_ptr, Values)>(
      [](auto handler, std::shared_ptr<core::Store> store, std::vector<std::string> owned_keys,
         const CallOptions& call_options) {
        detail::ReadCompletion completion(std::move(handler), detail::callback_executor(*store));
        detail::start_mget(std::move(store), std::move(owned_keys), call_options,
                           std::move(completion));
      },
      token, store_, std::move(keys), std::move(options));
}

template <typename Token>
auto ByteStore::amget(std::vector<std::string> keys, Token&& token) {
  return amget(std::move(keys), CallOptions{}, std::forward<Token>(token));
}

template <typename Token>
auto ByteStore::amset(std::vector<Entry> entries, CallOptions options, Token&& token) {
  return boost::asio::async_initiate<Token, void(std::exception_ptr)>(
      [](auto handler, std::shared_ptr<core::Store> store, std::vector<Entry> owned_entries,
         const CallOptions& call_options) {
        detail::WriteCompletion completion(std::move(handler), detail::callback_executor(*store));
        detail::start_mset(std::move(store), std::move(owned_entries), call_options,
                           std::move(completion));
      },
      token, store_, std::move(entries), std::move(options));
}

template <typename Token>
auto ByteStore::amset(std::vector<Entry> entries, Token&& token) {
  return amset(std::move(entries), CallOptions{}, std::forward<Token>(token));
}

template <typename Token>
auto ByteStore::amdelete(std::vector<std::string> keys, CallOptions options, Token&& token) {
  return boost::asio::async_initiate<Token, void(std::exception_ptr)>(
      [](auto handler, std::shared_ptr<core::Store> store, std::vector<std::string> owned_keys,
         const CallOptions& call_options) {
        detail::WriteCompletion completion(std::move(handler), detail::callback_executor(*store));
        detail::start_mdelete(std::move(store), std::move(owned_keys), call_options,
                              std::move(completion));
      },
      token, store_, std::move(keys), std::move(options));
}

template <typename Token>
auto ByteStore::amdelete(std::vector<std::string> keys, Token&& token) {
  return amdelete(std::move(keys), CallOptions{}, std::forward<Token>(token));
}

template <typename Token>
auto ByteStore::aestimate_keys(CallOptions options, Token&& token) {
  return boost::asio::async_initiate<Token, void(std::exception_ptr, std::uint64_t)>(
      [](auto handler, std::shared_ptr<core::Store> store, const CallOptions& call_options) {
        detail::EstimateCompletion completion(std::move(handler),
                                              detail::callback_executor(*store));
        detail::start_estimate_keys(std::move(store), call_options, std::move(completion));
      },
      token, store_, std::move(options));
}

template <typename Token>
auto ByteStore::aestimate_keys(Token&& token) {
  return aestimate_keys(CallOptions{}, std::forward<Token>(token));
}

template <typename Token>
auto ByteStore::aclose(std::chrono::milliseconds deadline, Token&& token) {
  return boost::asio::async_initiate<Token, void(std::exception_ptr)>(
      [deadline](auto handler, std::shared_ptr<core::Store> store) {
        detail::WriteCompletion completion(std::move(handler), detail::callback_executor(*store));
        detail::start_close(std::move(store), deadline, std::move(completion));
      },
      token, store_);
}

template <typename Token>
auto ByteStore::aclose(Token&& token) {
  return aclose(kCloseDeadline, std::forward<Token>(token));
}

template <typename Token>
auto AsyncKeyStream::next(Token&& token) {
  return boost::asio::async_initiate<Token, void(std::exception_ptr, std::optional<std::string>)>(
      [](auto handler, const std::shared_ptr<core::Listing>& listing) {
        detail::KeyCompletion completion(std::move(handler),
                                         detail::callback_executor(listing.get()));
        detail::start_next(listing, std::move(completion));
      },
      token, listing_);
}

template <typename Token>
auto AsyncKeyStream::next_page(Token&& token) {
  return boost::asio::async_initiate<Token, void(std::exception_ptr, std::vector<std::string>)>(
      [](auto handler, const std::shared_ptr<core::Listing>& listing) {
        detail::PageCompletion completion(std::move(handler),
                                          detail::callback_executor(listing.get()));
        detail::start_next_page(listing, std::move(completion));
      },
      token, listing_);
}

}  // namespace bytestore
