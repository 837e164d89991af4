#pragma once

#include <lmdb.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace bytestore::lmdb_backend {

struct CloseEnvironment {
  void operator()(MDB_env* environment) const noexcept { ::mdb_env_close(environment); }
};
/// Not opened yet, or open.
using EnvironmentHandle = std::unique_ptr<MDB_env, CloseEnvironment>;

struct AbortTransaction {
  void operator()(MDB_txn* transaction) const noexcept { ::mdb_txn_abort(transaction); }
};
/// Ends without effect unless it was committed.
using TransactionHandle = std::unique_ptr<MDB_txn, AbortTransaction>;

struct CloseCursor {
  void operator()(MDB_cursor* cursor) const noexcept { ::mdb_cursor_close(cursor); }
};
using CursorHandle = std::unique_ptr<MDB_cursor, CloseCursor>;

/// LMDB does not write through what it is given, although its type says so.
inline MDB_val as_mdb_val(std::string_view bytes) noexcept {
  return {.mv_size = bytes.size(), .mv_data = const_cast<char*>(bytes.data())};
}

inline std::string_view as_view(const MDB_val& value) noexcept {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

}  // namespace bytestore::lmdb_backend
