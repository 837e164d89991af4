#include "lmdb/value_reader.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "core/batch_steps.hpp"
#include "lmdb/entries.hpp"
#include "lmdb/status.hpp"
#include "lmdb/stored_key.hpp"

namespace bytestore::lmdb_backend {
namespace {

/// How much is copied out of one snapshot, and one value more.
constexpr std::size_t kSnapshotBytes = std::size_t{16} << 20;

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

/// Reads from `begin` on, as much as one snapshot may; returns where the next one begins.
std::size_t read_in_one_snapshot(Environment& environment, std::span<const std::string_view> keys,
                                 std::size_t begin, std::size_t end, core::ReadResult& result) {
  const Environment::Snapshot snapshot(environment);
  std::vector<Found> found;
  found.reserve(end - begin);
  std::size_t bytes = 0;
  for (std::size_t i = begin; i < end && bytes < kSnapshotBytes; ++i) {
    bytes += found.emplace_back(find(snapshot.transaction(), keys[i])).value.size();
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    __builtin_prefetch(found[std::min(i + kPrefetchedValues, found.size() - 1)].value.data());
    const auto& [status, known, value] = found[i];
    const std::size_t index = begin + i;
    if (status == MDB_NOTFOUND) continue;
    if (status != MDB_SUCCESS) {
      fail(result, index, keys[index], code_of(status), describe("reading", status));
    } else if (!known) {
      fail(result, index, keys[index], ErrorCode::corrupt, std::string(kUnknownHeaderMessage));
    } else {
      result.values[index] = Bytes::copy(value);
    }
  }
  return begin + found.size();
}

}  // namespace

void read_values(Environment& environment, std::span<const std::string_view> keys,
                 std::size_t begin, std::size_t end, core::ReadResult& result) {
  while (begin < end) {
    try {
      begin = read_in_one_snapshot(environment, keys, begin, end, result);
    } catch (const Error& error) {
      return core::fail_range(
          result.failures, begin, end, [&](std::size_t i) { return keys[i]; }, error.code(),
          Outcome::failed, error.what());
    }
  }
}

}  // namespace bytestore::lmdb_backend
