#pragma once

#include <lmdb.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "lmdb/stored_value.hpp"

namespace bytestore::lmdb_backend {

/// The main database of an environment, whose handle LMDB fixes.
inline constexpr MDB_dbi kMainDatabase = 1;

/// What `find` found. `status` is `MDB_NOTFOUND` if the key is absent.
struct Found {
  int status = MDB_NOTFOUND;
  /// Until the transaction ends or changes the database. Nothing if the value was stored in a way
  /// that this version does not know. Whether it is intact is not known yet.
  std::optional<StoredValue> stored{};
};

/// What was found, given what is stored for a user's key.
[[nodiscard]] Found found_in(std::string_view stored, std::string_view key);

/// Looks a user's key up.
[[nodiscard]] Found find(MDB_txn* transaction, std::string_view key);

/// Stores a value under a user's key. Returns what LMDB returned; if that is not 0, the transaction
/// must be ended without effect.
[[nodiscard]] int put(MDB_txn* transaction, std::string_view key, std::span<const std::byte> value);

/// Deletes a user's key, if it is there. Returns the same.
[[nodiscard]] int erase(MDB_txn* transaction, std::string_view key);

}  // namespace bytestore::lmdb_backend
