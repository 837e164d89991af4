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

namespace detail {
struct StoreAccess;
}  // namespace detail

/// A store of values by key: `str` key -> `bytes` value.
///
/// **Keys** are valid UTF-8 of 1 to 65,535 bytes. NUL is allowed, and nothing is normalised. A call
/// with any other key fails with `invalid_argument` before any of its keys is read or written; the
/// message names the position of the wrong key.
///
/// **Batches** may have any length; an empty batch succeeds without I/O. A batch is not a
/// transaction: every key is attempted. If some keys did not succeed, a `BatchError` says for each
/// of them whether it was certainly not applied or may have been applied. Repeating an `mset` or
/// `mdelete` is harmless.
///
/// **Blocking and asynchronous.** Each verb has an asynchronous form, whose name begins with `a`
/// and whose last argument is a Boost.Asio completion token (a callback, `use_future`,
/// `use_awaitable`, `deferred`). The token's signature is `void(std::exception_ptr, Result)`. The
/// asynchronous verbs are defined in `async.hpp`: include it where you call them. They own their
/// arguments and report every error through the token, but for what **Memory and threads** says.
/// The handler is posted to its associated executor, or to the store's `executor` option if it has
/// none. A blocking verb that is called from a completion handler fails with `invalid_argument`,
/// since it would block other handlers, possibly the one it waits for. An execution context that
/// ends before an operation destroys the operation's handler without calling it; the operation
/// itself goes on.
///
/// **Threads.** All members may be called from any number of threads at once.
///
/// **Order.** If a key is written twice, the write that was started later wins, whether the calls
/// are blocking or asynchronous. An asynchronous call starts when it is initiated; the caller need
/// not wait for it. Two calls of different threads are ordered only if one starts after the other
/// was initiated (asynchronous) or has returned (blocking). In memory and in folders, all writes of
/// a store take effect in this order. There, a read, a step of a listing, and every blocking call
/// waits for the writes in flight that were started before it, so that a read sees all of them; it
/// may also see writes that were started after it. On Cassandra, reads do not wait: a read is
/// certain to see only the writes that were acknowledged before it started. With
/// `Timestamps::server`, writes too are ordered only if the earlier one was acknowledged before the
/// later one started. If the deadline of a call passes, or the call is stopped, while it waits for
/// its turn, its keys are `failed`.
///
/// **Memory and threads.** A call for which there is no memory fails with `std::bad_alloc`, or on
/// Cassandra with `io`, and then it is not known which of its keys were applied; a listing cannot
/// go on. A call for which a thread cannot be made fails with `io`. An asynchronous verb may throw
/// either when it is called, and then does not call its handler; a handler for whose posting there
/// is no memory is posted as soon as there is. The program ends only if memory runs out while, on
/// Cassandra, a session connects, a table is set up, a statement is prepared or keys are estimated,
/// or within the driver, which is written in Rust; and if Asio can make no thread for its own
/// system executor, which runs handlers of `use_future`.
///
/// **Ending.** `close` ends a store; the destructor does the same with a deadline of zero. After a
/// `fork`, the verbs of a store that the parent opened fail in the child with `unavailable`.
class ByteStore {
 public:
  /// The values of a read, by position; an element is empty if its key is absent.
  using Values = BatchError::Values;

  ByteStore(const ByteStore&) = delete;
  ByteStore& operator=(const ByteStore&) = delete;
  ByteStore(ByteStore&&) = delete;
  ByteStore& operator=(ByteStore&&) = delete;

  /// Refuses new calls, cancels those in flight (they fail with `cancelled`) and waits until the
  /// backend has finished all of them. It does not wait until handlers have run, so a store may be
  /// destroyed in a completion handler.
  virtual ~ByteStore();

  /// Returns the values of `keys`, one for each position, also for duplicates. An element is empty
  /// if its key is absent.
  /// \throws BatchError if some keys could not be read; it carries the values that could be read.
  Values mget(const KeyList& keys, const CallOptions& options = {});

  /// Stores every entry, and returns when all are acknowledged. If a key occurs several times, its
  /// last value is stored. A value is bytes: `mset({{"key", as_bytes("text")}})`.
  /// \throws BatchError if some entries were not stored.
  void mset(const EntryList& entries, const CallOptions& options = {});

  /// Deletes the keys that are present. Absent keys are ignored.
  /// \throws BatchError if some keys could not be deleted.
  void mdelete(const KeyList& keys, const CallOptions& options = {});

  /// Lists every key that begins with `options.prefix`, each once, in no particular order. The
  /// range is lazy: nothing is read before `begin()`, and only a few pages are held in memory. A
  /// key that is written or deleted while you iterate may or may not be seen.
  KeyView yield_keys(KeysOptions options = {});

  /// Returns about how many keys the store has, for instance for a progress bar. It is cheap, since
  /// no key is read, and it is often far from the true number. RocksDB also counts keys that were
  /// overwritten or deleted recently. Cassandra's servers do not count what they have not written
  /// to disk yet, and they update their count every five minutes; nodes that do not answer are left
  /// out, and the log of the session says of how much of the ring the estimate is.
  std::uint64_t estimate_keys(const CallOptions& options = {});

  /// Ends the store. New calls fail with `cancelled`. Calls in flight may finish within `deadline`;
  /// after that they are cancelled. `close` returns when the backend has finished all calls and its
  /// resources are released. Closing twice is harmless.
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

  /// Like `yield_keys`, but returns a stream whose `next` takes a completion token. Returns at
  /// once.
  AsyncKeyStream ayield_keys(KeysOptions options = {});

  /// Like `close`. Signature: `void(std::exception_ptr)`.
  template <typename Token>
  auto aclose(std::chrono::milliseconds deadline, Token&& token);
  template <typename Token>
  auto aclose(Token&& token);

  /// How long `close` waits for calls in flight by default: as long as a key may be retried.
  static constexpr std::chrono::milliseconds kCloseDeadline{30'000};

 protected:
  explicit ByteStore(std::shared_ptr<core::Store> store);

  /// For the library.
  [[nodiscard]] const std::shared_ptr<core::Store>& store() const noexcept { return store_; }

 private:
  friend detail::StoreAccess;

  std::shared_ptr<core::Store> store_;
};

}  // namespace bytestore
