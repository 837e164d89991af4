#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bytestore/batch.hpp"
#include "bytestore/bytes.hpp"
#include "bytestore/error.hpp"
#include "bytestore/key_stream.hpp"
#include "bytestore/options.hpp"

namespace bytestore {

namespace core {
class Store;
}  // namespace core

/// A store of values by key: `str` key -> `bytes` value.
///
/// **Keys** are valid UTF-8 of 1 to 65,535 bytes; NUL is allowed, nothing is normalised. Any other
/// key is refused with `invalid_argument`, naming its position, before any key of the call is read
/// or written.
///
/// **Batches** have any length; an empty one succeeds without I/O. A batch is not a transaction:
/// every key is attempted, and if some did not succeed a `BatchError` says for each of those
/// whether it is certainly not applied or may have been. Repeating an `mset` or `mdelete` is
/// harmless.
///
/// **Blocking and asynchronous.** Each verb has a twin that begins with `a` and takes a Boost.Asio
/// completion token last (a callback, `use_future`, `use_awaitable`, `deferred`); the token's
/// signature is `void(std::exception_ptr, Result)`. The twins are defined in `async.hpp`, to be
/// included by those who call them. They own their arguments, report every error through the token,
/// and complete by a post to the handler's associated executor, or to the store's `executor` option
/// when the handler has none. A blocking verb called from a completion fails with
/// `invalid_argument`, since it would hold up other completions, possibly the one it waits for.
/// An execution context that ends before an operation destroys its handler, which is not called;
/// the operation goes on.
///
/// **Threads.** All members may be called from any number of threads at once.
///
/// **Order.** Of two writes of a key the one that was begun later counts, whether they are blocking
/// or asynchronous: an asynchronous call is begun when it is initiated, and need not be waited for.
/// Calls of several threads have an order only if one is begun after the other was initiated or, if
/// that is a blocking one, has returned. In memory and on RocksDB, all writes of a store take
/// effect in this order, and a read or a step of a listing sees every write that was begun before
/// it: it waits for those that are under way, and so does a blocking call. It may also see writes
/// that were begun after it. On Cassandra reads wait for nothing: what they surely see is what was
/// acknowledged before they were begun; and where servers give the timestamps
/// (`Timestamps::server`) writes too have an order only if the earlier one was acknowledged. The
/// keys of a call whose deadline passes, or that is stopped, while it waits for its turn are
/// `failed`.
///
/// **Memory.** A process that runs out of memory while requests are under way is ended by
/// `std::terminate`: no result could be delivered then.
///
/// **Ending.** `close` ends a store; the destructor is a `close` with no patience. After a `fork`,
/// the verbs of a store that the parent opened fail in the child with `unavailable`.
class ByteStore {
 public:
  /// By position; empty where the key is absent.
  using Values = BatchError::Values;

  ByteStore(const ByteStore&) = delete;
  ByteStore& operator=(const ByteStore&) = delete;
  ByteStore(ByteStore&&) = delete;
  ByteStore& operator=(ByteStore&&) = delete;

  /// Refuses new calls, asks those in flight to end (they fail with `cancelled`) and waits until
  /// none is at the backend. Does not wait for handlers to be delivered, so it may run in a
  /// completion.
  virtual ~ByteStore();

  /// The values of `keys`, one per position (also for duplicates); empty where the key is absent.
  /// \throws BatchError if some keys could not be read; it carries the values that could.
  Values mget(const KeyList& keys, const CallOptions& options = {});

  /// Stores every entry; of several for one key the last counts. Returns when all are acknowledged.
  /// A value is bytes: `mset({{"key", as_bytes("text")}})`.
  /// \throws BatchError if some entries were not stored.
  void mset(const EntryList& entries, const CallOptions& options = {});

  /// Deletes the keys that are present; an absent one is no error.
  /// \throws BatchError if some keys could not be deleted.
  void mdelete(const KeyList& keys, const CallOptions& options = {});

  /// Every key that begins with `options.prefix`, each once, in no particular order, as a lazy
  /// range: nothing is read before `begin()`, and a few pages are held. A key that is written or
  /// deleted while the range is walked may or may not be seen.
  KeyView yield_keys(KeysOptions options = {});

  /// About how many keys there are, for progress bars: cheap, since no key is read, and often far
  /// off. RocksDB counts keys that were overwritten or deleted not long ago; Cassandra's servers
  /// leave out what they have not written to their disks yet, and count anew every five minutes.
  std::uint64_t estimate_keys(const CallOptions& options = {});

  /// Ends the store. New calls fail with `cancelled`; calls in flight may finish within `deadline`,
  /// then they are asked to end. Returns when none is at the backend and its resources are
  /// released. Closing twice is harmless.
  void close(std::chrono::milliseconds deadline = kCloseDeadline);

  /// Like `mget`. Signature: `void(std::exception_ptr, Values)`.
  template <typename Token>
  auto amget(std::vector<std::string> keys, CallOptions options, Token&& token);
  template <typename Token>
  auto amget(std::vector<std::string> keys, Token&& token);

  /// Like `mset`. Signature: `void(std::exception_ptr)`.
  template <typename Token>
  auto amset(std::vector<Entry> entries, CallOptions options, Token&& token);
  template <typename Token>
  auto amset(std::vector<Entry> entries, Token&& token);

  /// Like `mdelete`. Signature: `void(std::exception_ptr)`.
  template <typename Token>
  auto amdelete(std::vector<std::string> keys, CallOptions options, Token&& token);
  template <typename Token>
  auto amdelete(std::vector<std::string> keys, Token&& token);

  /// Like `estimate_keys`. Signature: `void(std::exception_ptr, std::uint64_t)`.
  template <typename Token>
  auto aestimate_keys(CallOptions options, Token&& token);
  template <typename Token>
  auto aestimate_keys(Token&& token);

  /// Like `yield_keys`, as a stream whose `next` takes a token. Returns at once.
  AsyncKeyStream ayield_keys(KeysOptions options = {});

  /// Like `close`. Signature: `void(std::exception_ptr)`.
  template <typename Token>
  auto aclose(std::chrono::milliseconds deadline, Token&& token);
  template <typename Token>
  auto aclose(Token&& token);

  /// How long `close` waits for calls in flight unless told: as long as one key may be retried.
  static constexpr std::chrono::milliseconds kCloseDeadline{30'000};

 protected:
  explicit ByteStore(std::shared_ptr<core::Store> store);

  /// For the library.
  [[nodiscard]] const std::shared_ptr<core::Store>& store() const noexcept { return store_; }

 private:
  std::shared_ptr<core::Store> store_;
};

}  // namespace bytestore
