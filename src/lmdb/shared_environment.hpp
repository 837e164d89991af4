#pragma once

#include <filesystem>
#include <memory>

#include "lmdb/environment.hpp"
#include "lmdb/write_queue.hpp"

namespace bytestore::lmdb_backend {

/// A store's share of the environment of its folder. All stores of a process on one folder, of
/// whatever path names it, share one environment: a second one would release the locks of the first
/// when it closes, since they are the process's. Thread safe.
///
/// A forked child opens an environment of its own, and must not destroy a share of its parent.
class SharedEnvironment {
 public:
  /// Opens the environment, or takes a share if it is open.
  /// \throws Error
  explicit SharedEnvironment(const std::filesystem::path& folder,
                             std::size_t map_bytes = kSmallestMapBytes);
  /// Closes the environment if this is the last share.
  ~SharedEnvironment();
  SharedEnvironment(const SharedEnvironment&) = delete;
  SharedEnvironment& operator=(const SharedEnvironment&) = delete;

  [[nodiscard]] Environment& environment() noexcept;
  [[nodiscard]] WriteQueue& queue() noexcept;

 private:
  struct Open;
  class Registry;
  static Registry& registry();

  std::shared_ptr<Open> open_;
};

}  // namespace bytestore::lmdb_backend
