#pragma once

#include <lmdb.h>

#include <atomic>
#include <optional>
#include <string_view>

#include "lmdb/page_walk.hpp"

namespace bytestore::lmdb_backend {

/// Where an environment's map begins in memory, which LMDB does not say. The system does, so that
/// no page is trusted, which may be damaged. Thread safe.
class MapPlace {
 public:
  /// Asks the system once; later it tells what that has said. `inside` is any address in the map.
  /// Returns null if the system does not tell.
  [[nodiscard]] const char* begin(const void* inside) noexcept;

  /// Returns the same without asking; null if nobody has asked yet.
  [[nodiscard]] const char* known() const noexcept { return place_; }

  /// To be called when the map has moved, while nobody reads it.
  void forget() noexcept {
    was_asked_ = false;
    place_ = nullptr;
  }

 private:
  std::atomic<const char*> place_{nullptr};
  std::atomic<bool> was_asked_{false};
};

/// Returns the tree of a snapshot's main database, until the snapshot ends. Returns nothing if
/// somebody has committed since the snapshot began, so that it is not certain where its tree
/// begins, or if the database is not one of ours. `known_key` is a key that is in the database.
[[nodiscard]] std::optional<PageTree> tree_of(MDB_txn* snapshot, std::string_view known_key,
                                              MapPlace& place);

}  // namespace bytestore::lmdb_backend
