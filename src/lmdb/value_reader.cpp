#include "lmdb/value_reader.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>

#include "core/batch_steps.hpp"
#include "lmdb/entries.hpp"
#include "lmdb/marker.hpp"
#include "lmdb/page_walk.hpp"
#include "lmdb/snapshot_tree.hpp"
#include "lmdb/status.hpp"
#include "lmdb/stored_key.hpp"
#include "lmdb/stored_value.hpp"

namespace bytestore::lmdb_backend {
namespace {

/// How much is copied out of one snapshot, and one group of values more.
constexpr std::size_t kSnapshotBytes = std::size_t{16} << 20;

/// How many keys are looked up before their values are copied, so that what was read of their pages
/// is still in the processor's cache.
constexpr std::size_t kGroup = 4 * PageWalk::kKeysAtOnce;

/// From how many keys on a walk is faster than LMDB.
constexpr std::size_t kWorthAWalk = 8;

/// How many values ahead the memory of a value is prefetched.
constexpr std::size_t kPrefetchedValues = 4;

void fail(core::ReadResult& result, std::size_t index, std::string_view key, ErrorCode code,
          std::string message) {
  result.failures.push_back({.index = index,
                             .key = std::string(key),
                             .code = code,
                             .outcome = Outcome::failed,
                             .message = std::move(message)});
}

/// Looks keys up in a snapshot.
class Lookup {
 public:
  Lookup(const Environment::Snapshot& snapshot, std::size_t keys)
      : snapshot_(snapshot.transaction()) {
    if (keys < kWorthAWalk) return;
    const auto tree = tree_of(snapshot_, kMarkerKey, snapshot.map_place());
    if (tree) walk_.emplace(*tree);
  }

  /// `found` has as many places as there are keys.
  void find(std::span<const std::string_view> keys, std::span<Found> found) const {
    for (std::size_t begin = 0; begin < keys.size(); begin += PageWalk::kKeysAtOnce) {
      const std::size_t count = std::min(PageWalk::kKeysAtOnce, keys.size() - begin);
      find_at_once(keys.subspan(begin, count), found.subspan(begin, count));
    }
  }

 private:
  void find_at_once(std::span<const std::string_view> keys, std::span<Found> found) const {
    std::array<PageWalk::Sought, PageWalk::kKeysAtOnce> sought{};
    if (walk_) walk_->look_up(keys, std::span(sought).first(keys.size()));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto& [answer, stored] = sought.at(i);
      // Whether a key is absent is for LMDB to say.
      const bool is_found = answer == PageWalk::Answer::found && !is_long(keys[i]);
      found[i] =
          is_found ? found_in(stored, keys[i]) : bytestore::lmdb_backend::find(snapshot_, keys[i]);
    }
  }

  MDB_txn* snapshot_;
  std::optional<PageWalk> walk_;
};

void prefetch(const Found& found) noexcept {
  if (found.stored) __builtin_prefetch(found.stored->value.data());
}

/// Takes what was found of `keys` from the position `begin` on, each value as `own` makes it out of
/// the bytes in the snapshot; returns how many bytes.
template <typename Own>
std::size_t take(std::span<const Found> found, std::span<const std::string_view> keys,
                 std::size_t begin, core::ReadResult& result, const Own& own) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    prefetch(found[std::min(i + kPrefetchedValues, found.size() - 1)]);
    const auto& [status, stored] = found[i];
    const std::size_t index = begin + i;
    if (status == MDB_NOTFOUND) continue;
    if (status != MDB_SUCCESS) {
      fail(result, index, keys[index], code_of(status), describe("reading", status));
    } else if (!stored) {
      fail(result, index, keys[index], ErrorCode::corrupt, std::string(kUnknownHeaderMessage));
    } else if (!is_intact(*stored, keys[index])) {
      fail(result, index, keys[index], ErrorCode::corrupt, std::string(kDamagedMessage));
    } else {
      result.values[index] = own(stored->value);
      bytes += stored->value.size();
    }
  }
  return bytes;
}

/// Reads from `begin` on, until so many bytes are taken; returns where that ended.
template <typename Own>
std::size_t read_until(std::size_t most_bytes, const Environment::Snapshot& snapshot,
                       std::span<const std::string_view> keys, std::size_t begin, std::size_t end,
                       core::ReadResult& result, const Own& own) {
  if (end - begin == 1) {  // as most calls that are not of a thousand keys
    const Found found = find(snapshot.transaction(), keys[begin]);
    take(std::span(&found, 1), keys, begin, result, own);
    return end;
  }
  const Lookup lookup(snapshot, end - begin);
  std::array<Found, kGroup> group;
  for (std::size_t bytes = 0; begin < end && bytes < most_bytes;) {
    const std::span found(group.data(), std::min(kGroup, end - begin));
    lookup.find(keys.subspan(begin, found.size()), found);
    bytes += take(found, keys, begin, result, own);
    begin += found.size();
  }
  return begin;
}

void fail_all(std::span<const std::string_view> keys, std::size_t begin, std::size_t end,
              const Error& error, core::ReadResult& result) {
  core::fail_range(
      result.failures, begin, end, [&](std::size_t i) { return keys[i]; }, error.code(),
      Outcome::failed, error.what());
}

}  // namespace

void read_values(Environment& environment, std::span<const std::string_view> keys,
                 std::size_t begin, std::size_t end, core::ReadResult& result) {
  while (begin < end) {
    try {
      const Environment::Snapshot snapshot(environment);
      begin = read_until(kSnapshotBytes, snapshot, keys, begin, end, result,
                         [](std::string_view value) { return Bytes::copy(value); });
    } catch (const Error& error) {
      return fail_all(keys, begin, end, error, result);
    }
  }
}

struct PinningReader::Pin {
  explicit Pin(std::shared_ptr<SharedEnvironment> share)
      : shared(std::move(share)), snapshot(shared->environment()) {}

  std::shared_ptr<SharedEnvironment> shared;
  Environment::Snapshot snapshot;
};

void PinningReader::read(std::span<const std::string_view> keys, std::size_t begin, std::size_t end,
                         core::ReadResult& result) {
  try {
    if (!pin_) pin_ = std::make_shared<const Pin>(shared_);
  } catch (const Error& error) {
    return fail_all(keys, begin, end, error, result);
  }
  read_until(
      std::numeric_limits<std::size_t>::max(), pin_->snapshot, keys, begin, end, result,
      [this](std::string_view value) { return Bytes::share(pin_, as_bytes(value), value.size()); });
}

}  // namespace bytestore::lmdb_backend
