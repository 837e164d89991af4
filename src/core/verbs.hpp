#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytestore/byte_store.hpp"
#include "core/backend.hpp"
#include "core/keys.hpp"
#include "core/results.hpp"

/// What each verb is, once for its blocking and its asynchronous form: `run_blocking` and
/// `AsyncCall` take the same steps in the same order, and ask the verb what is its own in each of
/// them.
namespace bytestore::core {

/// The place of a verb in the order that stores keep whose backend works on the calling thread.
enum class Order {
  none,   ///< runs at once
  read,   ///< comes after the writes that were begun before it
  write,  ///< the same, and comes before the writes that are begun after it
};

/// One call of a verb, with its arguments. It stays where it is while the call lasts.
///
/// `check` throws what is wrong with the arguments before anything is done; where `is_empty`, the
/// result is that of nothing, and the backend is not asked. `begin` asks the backend (of a write:
/// or the group that it is to be written in) to deliver to the sink, once. `finish` makes of what
/// was delivered what the user gets, or throws it. A verb whose work has steps, with other calls in
/// between, also has `is_unfinished`: if it is true of what was delivered, the backend is asked
/// again.
template <typename V>
concept Verb = requires(V verb, Backend& backend, const Call& call, Sink<typename V::Result>& sink,
                        V::Result result) {
  { V::kOrder } -> std::convertible_to<Order>;
  verb.check();
  { verb.is_empty() } -> std::same_as<bool>;
  verb.begin(backend, call, sink);
  verb.finish(std::move(result));
};

/// A verb whose arguments cannot be wrong, and that always has something to do.
struct WithoutKeys {
  void check() const noexcept {}
  [[nodiscard]] bool is_empty() const noexcept { return false; }
};

/// A verb on keys.
class OfKeys {
 public:
  /// Borrows the keys, for a call that is waited for.
  explicit OfKeys(std::span<const std::string_view> keys) noexcept : keys_(keys) {}
  explicit OfKeys(std::vector<std::string> keys)
      : owned_(std::move(keys)), views_(owned_.begin(), owned_.end()), keys_(views_) {}
  OfKeys(const OfKeys&) = delete;
  OfKeys& operator=(const OfKeys&) = delete;

  void check() const { check_keys(keys_); }
  [[nodiscard]] bool is_empty() const noexcept { return keys_.empty(); }

 protected:
  ~OfKeys() = default;
  [[nodiscard]] std::span<const std::string_view> keys() const noexcept { return keys_; }

 private:
  std::vector<std::string> owned_;
  std::vector<std::string_view> views_;
  std::span<const std::string_view> keys_;
};

struct Mget final : OfKeys {
  using Result = ReadResult;
  static constexpr std::string_view kName = "mget";
  static constexpr Order kOrder = Order::read;

  using OfKeys::OfKeys;

  void begin(Backend& backend, const Call& call, Sink<ReadResult>& sink) const {
    backend.mget(keys(), call, sink);
  }
  [[nodiscard]] ByteStore::Values finish(ReadResult result) const {
    return finish_read(keys(), std::move(result));
  }
};

/// The same, of a caller that drops the values at once.
struct MgetPinned final : OfKeys {
  using Result = ReadResult;
  static constexpr std::string_view kName = Mget::kName;
  static constexpr Order kOrder = Order::read;

  using OfKeys::OfKeys;

  void begin(Backend& backend, const Call& call, Sink<ReadResult>& sink) const {
    backend.mget_pinned(keys(), call, sink);
  }
  /// An error may be kept, so it pins nothing.
  [[nodiscard]] ByteStore::Values finish(ReadResult result) const {
    return finish_pinned_read(keys(), std::move(result));
  }
};

class Mset final {
 public:
  using Result = WriteResult;
  static constexpr std::string_view kName = "mset";
  static constexpr Order kOrder = Order::write;

  /// Borrows the entries, for a call that is waited for.
  explicit Mset(std::span<const EntryRef> entries) noexcept : entries_(entries) {}
  explicit Mset(std::vector<Entry> entries)
      : owned_(std::move(entries)), views_(owned_.begin(), owned_.end()), entries_(views_) {}
  Mset(const Mset&) = delete;
  Mset& operator=(const Mset&) = delete;
  ~Mset() = default;

  void check() const { check_keys(entries_); }
  [[nodiscard]] bool is_empty() const noexcept { return entries_.empty(); }
  void begin(Writer& to, const Call& call, Sink<WriteResult>& sink) {
    to.write(stored_.emplace(entries_).view(), call, sink);
  }
  void finish(WriteResult result) const { finish_write(kName, entries_.size(), std::move(result)); }

 private:
  std::vector<Entry> owned_;
  std::vector<EntryRef> views_;
  std::span<const EntryRef> entries_;
  std::optional<StoredEntries> stored_;  // from `begin` on
};

struct Mdelete final : OfKeys {
  using Result = WriteResult;
  static constexpr std::string_view kName = "mdelete";
  static constexpr Order kOrder = Order::write;

  using OfKeys::OfKeys;

  void begin(Writer& to, const Call& call, Sink<WriteResult>& sink) const {
    to.write(keys(), call, sink);
  }
  void finish(WriteResult result) const { finish_write(kName, keys().size(), std::move(result)); }
};

struct EstimateKeys final : WithoutKeys {
  using Result = EstimateResult;
  static constexpr std::string_view kName = "estimate_keys";
  static constexpr Order kOrder = Order::none;

  static void begin(Backend& backend, const Call& call, Sink<EstimateResult>& sink) {
    backend.estimate_keys(call, sink);
  }
  [[nodiscard]] static std::uint64_t finish(EstimateResult result) {
    if (result.error) throw std::move(*result.error);
    return result.keys;
  }
};

}  // namespace bytestore::core
