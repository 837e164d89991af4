#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace bytestore::rocksdb_backend {

/// From one key to another, both of them included, in the order of their bytes.
struct KeyRange {
  std::string first;
  std::string last;
};

/// Where listings met only deleted keys. It does no I/O.
class DeletedRuns {
 public:
  /// So many are remembered; another one then replaces the oldest, which is met again if it is
  /// listed again.
  static constexpr std::size_t kMost = 64;

  /// Remembers a run, together with those that it touches.
  void add(KeyRange run);

  /// Returns the run that was remembered first, and forgets it.
  std::optional<KeyRange> take();

  [[nodiscard]] bool empty() const noexcept { return runs_.empty(); }

 private:
  std::vector<KeyRange> runs_;
};

}  // namespace bytestore::rocksdb_backend
