#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bytestore/batch.hpp"
#include "bytestore/bytes.hpp"
#include "bytestore/error.hpp"
#include "core/blocking_call.hpp"
#include "core/call.hpp"
#include "core/gate.hpp"

namespace bytestore::core {

/// Of an `mget`: one value per position, and the positions that could not be read, in any order.
struct ReadResult {
  std::vector<std::optional<Bytes>> values;
  std::vector<KeyFailure> failures;
  std::optional<Error> error{};  ///< why none of the keys could be tried; the rest is then empty
};

/// Of a write: the positions that did not succeed, in any order.
struct WriteResult {
  std::vector<KeyFailure> failures;
  std::optional<Error> error{};  ///< as of a read
};

/// Of one step of a scan: the next keys. No keys and no error is the end, unless it is unfinished.
struct PageResult {
  std::vector<std::string> keys;
  std::optional<Error> error;
  /// There are no keys yet: so much was passed over that the thread is given back, for others. Ask
  /// again.
  bool is_unfinished = false;
  /// There are no keys, but one that no store accepts; the next page begins after it.
  std::optional<std::string> unusable_key{};
};

/// About how many keys there are.
struct EstimateResult {
  std::uint64_t keys = 0;
  std::optional<Error> error{};
};

/// Where a backend delivers the result of one request: exactly once, from any thread, holding no
/// lock and nothing of what `Backend::close` releases. The sink lives until then; when `done`
/// returns, it may be gone, and the backend closed.
template <typename Result>
class Sink {
 public:
  virtual void done(Result result) noexcept = 0;

 protected:
  ~Sink() = default;
};

/// In which order a scan gives keys.
enum class KeyOrder {
  bytes,         ///< that of their bytes
  token,         ///< that of their Murmur3 tokens, and of bytes among those of one token
  random_token,  ///< the same by the tokens of Cassandra's RandomPartitioner
};

/// A listing under way. One page at a time; destroyed only while none is asked for. Throws as a
/// backend does.
class KeyScan {
 public:
  virtual ~KeyScan() = default;
  virtual void next_page(const Call& call, Sink<PageResult>& sink) = 0;
};

/// What one call writes: entries to store, or keys to delete.
using Writes = std::variant<std::span<const EntryRef>, std::span<const std::string_view>>;

/// What takes writes. Of several entries for one key the last counts; an absent key is deleted.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual void write(const Writes& writes, const Call& call, Sink<WriteResult>& sink) = 0;
};

/// Writes that are begun one after another on one thread, and become durable together.
///
/// Each has taken effect for others when `write` returns, or, of a group that puts that off, when
/// `take_effect` does, and is told to its sink by `end`.
class WriteGroup : public Writer {
 public:
  [[nodiscard]] virtual bool puts_off() const noexcept { return false; }
  virtual void take_effect() noexcept {}

  /// Called once. When the last sink was called, the backend may be gone.
  virtual void end() noexcept = 0;
};

/// What a kind of store implements, a batch at a time.
///
/// Batches are not empty and their keys are valid. Arguments live until the sink is called. A
/// backend looks at `call` at least between its internal steps and fails the keys that it has not
/// reached once the call is interrupted. All members but `close` may be called from any number of
/// threads. A request may throw (`std::bad_alloc`) only before it has called its sink, which it
/// then never does; every other failure goes to the sink.
class Backend : public Writer {
 public:
  /// Whether requests do their work on the calling thread, and so must not start on a thread that
  /// may not block.
  [[nodiscard]] virtual bool runs_inline() const noexcept = 0;

  /// Asked before each blocking request, which it keeps from waiting for what an asynchronous one
  /// waits for. \throws Error `setup_pending`, or why there is nothing to wait for.
  virtual void check_ready() {}

  /// Begins a call whose thread waits for it afterwards. Until it is done, or for a part of that
  /// time, a backend may do its work on this thread.
  virtual void begin_blocking(BlockingCall& call) { call.begin(); }

  virtual void mget(std::span<const std::string_view> keys, const Call& call,
                    Sink<ReadResult>& sink) = 0;

  /// The same for a caller that drops the values at once: they may point into what the backend has
  /// in memory, and pin it. The backend may be closed before they are gone.
  virtual void mget_pinned(std::span<const std::string_view> keys, const Call& call,
                           Sink<ReadResult>& sink) {
    mget(keys, call, sink);
  }

  /// Of a backend that runs inline: null if nothing is gained by writing in groups.
  virtual std::unique_ptr<WriteGroup> begin_group() { return nullptr; }

  /// The order in which scans give keys.
  [[nodiscard]] virtual KeyOrder key_order() const noexcept = 0;
  /// Of the keys that begin with `prefix` and come after the key `after`, unless that is empty.
  virtual std::unique_ptr<KeyScan> scan(std::string prefix, std::string after) = 0;

  virtual void estimate_keys(const Call& call, Sink<EstimateResult>& sink) = 0;

  /// Begins no more requests, and tells `waiter` once none of those that calls have left behind is
  /// under way: at once, or on the thread that ends the last one. Then `close` does not wait.
  /// Called when no call is in flight; perhaps several times, and after `close` too.
  virtual void when_idle(IdleWaiter& waiter) noexcept { waiter.idle(); }

  /// Releases what the backend holds. Called once, when no call is in flight; waits for what they
  /// have left behind. No call but `when_idle` follows.
  /// \throws Error if that failed.
  virtual void close() = 0;
};

}  // namespace bytestore::core
