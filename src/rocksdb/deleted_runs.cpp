#include "rocksdb/deleted_runs.hpp"

#include <algorithm>
#include <utility>

namespace bytestore::rocksdb_backend {

void DeletedRuns::add(KeyRange run) {
  std::erase_if(runs_, [&](const KeyRange& other) {
    if (other.last < run.first || run.last < other.first) return false;
    run.first = std::min(run.first, other.first);
    run.last = std::max(run.last, other.last);
    return true;
  });
  if (runs_.size() == kMost) runs_.erase(runs_.begin());
  runs_.push_back(std::move(run));
}

std::optional<KeyRange> DeletedRuns::take() {
  if (runs_.empty()) return std::nullopt;
  std::optional<KeyRange> first(std::move(runs_.front()));
  runs_.erase(runs_.begin());
  return first;
}

}  // namespace bytestore::rocksdb_backend
