#include "lmdb/marker.hpp"

#include <fmt/format.h>

#include <string>

#include "bytestore/error.hpp"
#include "lmdb/entries.hpp"
#include "lmdb/handles.hpp"
#include "lmdb/status.hpp"

namespace bytestore::lmdb_backend {
namespace {

/// Empty if there is none.
std::string read_marker(Environment& environment) {
  const Environment::Snapshot snapshot(environment);
  MDB_val key = as_mdb_val(kMarkerKey);
  MDB_val marker{};
  const int status = ::mdb_get(snapshot.transaction(), kMainDatabase, &key, &marker);
  if (status == MDB_NOTFOUND) return {};
  check("reading the format of the store", status);
  return std::string(as_view(marker));
}

/// Another process may have done it meanwhile.
int write_marker(MDB_txn* transaction, bool& sync) {
  sync = true;
  MDB_stat counted{};
  const int status = ::mdb_stat(transaction, kMainDatabase, &counted);
  if (status != MDB_SUCCESS || counted.ms_entries > 0) return status;
  MDB_val key = as_mdb_val(kMarkerKey);
  MDB_val marker = as_mdb_val(kMarker);
  return ::mdb_put(transaction, kMainDatabase, &key, &marker, 0);
}

}  // namespace

void check_marker(Environment& environment, const std::filesystem::path& folder) {
  const auto what = fmt::format("opening {}", folder.string());
  auto marker = read_marker(environment);
  if (marker.empty()) {
    check(what, environment.write(write_marker).status);
    marker = read_marker(environment);
  }
  if (marker == kMarker) return;
  throw Error(ErrorCode::schema,
              marker.empty()
                  ? fmt::format("{} failed: the folder holds an LMDB database that bytestore did "
                                "not write; choose another folder",
                                what)
                  : fmt::format("{} failed: the store was written in format {}, by a newer version "
                                "of bytestore; open it with that version",
                                what, marker));
}

}  // namespace bytestore::lmdb_backend
