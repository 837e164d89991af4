#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bytestore/batch.hpp"
#include "support/values.hpp"

namespace bytestore {

/// The batches that the helper writes and that the test of crashes looks for.

/// Sizes of batches: of one key, of some, of several internal batches.
inline std::size_t batch_size(std::size_t batch) {
  constexpr std::size_t kSizes[] = {1, 100, 3, 2'000, 12'000, 20};
  return kSizes[batch % std::size(kSizes)];
}

inline std::vector<std::string> batch_keys(std::size_t batch) {
  return testing::numbered_keys(std::to_string(batch) + ":", batch_size(batch));
}

/// Small batches have larger values, and the smallest have some that are in files of their own.
inline Bytes batch_value(std::size_t batch, std::size_t position) {
  if (batch_size(batch) < 10) return testing::noise(100'000 + position, batch);
  const std::size_t size = (batch * 31 + position * 17) % (batch_size(batch) < 1'000 ? 20'000 : 64);
  return testing::noise(size, batch * 1'000'003 + position);
}

inline std::vector<Entry> batch_entries(std::size_t batch) {
  std::vector<Entry> entries;
  for (auto& key : batch_keys(batch)) {
    entries.push_back({std::move(key), batch_value(batch, entries.size())});
  }
  return entries;
}

/// Whether the writer on LMDB deletes a batch once the next one was written.
inline bool is_deleted_by_the_next(std::size_t batch) { return batch % 4 == 2; }

}  // namespace bytestore
