#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "bytestore/byte_store.hpp"

namespace bytestore {

struct LmdbOptions {
  /// If true, a call returns when its writes are on disk. Calls that are in flight at the same
  /// time, in other threads of the process or asynchronous, share one sync. If false, the operating
  /// system writes the data to disk later, in any order: writes survive the end of the process
  /// however it ends, but **a loss of power or a crash of the system can then destroy the whole
  /// store**, not only its last writes. Use it for what can be made again. A store that was closed
  /// is on disk.
  bool sync = true;

  /// Whether to create a store that does not exist. If it is false, opening such a store fails with
  /// `unavailable`.
  bool create_if_missing = true;

  /// Runs handlers that have no associated executor (`run_on`). If it is null, a thread of the
  /// library runs them.
  std::shared_ptr<const CallbackExecutor> executor{};
};

/// A store in a local folder, on LMDB, which any number of processes may read and write at once.
///
/// The folder has two files, `data.mdb` and `lock.mdb`. Several stores of one process, of whatever
/// path names the folder, share one LMDB environment. A forked child cannot use its parent's store,
/// and may open one of its own. The processes must run on one machine, and the folder must be on a
/// local file system: on NFS and other network file systems LMDB destroys its data. A process must
/// not open the files of a folder that it has open as a store, with another LMDB or to copy them:
/// closing them releases LMDB's locks. Copy the folder with `mdb_copy`, or from another process.
///
/// One writer at a time: the batches of all threads of a process that wait for their turn are
/// written in one transaction, and processes take turns. Readers wait for nobody. The file grows by
/// itself, and reuses the space of what was deleted, but does not become smaller.
///
/// A folder that is not empty and is not a bytestore on LMDB is refused, and nothing in it is
/// changed, not even the time of a file. A bytestore is recognised by an entry in its database, so
/// copies that LMDB makes open too.
///
/// If the folder of an open store is deleted, moved or replaced, its writes fail with
/// `unavailable`. A write that the disk refuses (`io`) changes nothing, and the store goes on once
/// there is space again.
///
/// A value has at most `kMaxValueBytes`; a larger one fails with `too_large`. An `mset` is written
/// in internal batches of at most 8 MiB or 10,000 keys; a single larger value is a batch of its
/// own. Each internal batch is atomic, for readers and also if the process crashes.
class LmdbByteStore final : public ByteStore {
 public:
  /// The greatest size of a value, 1 GiB, as of a store on RocksDB. LMDB's own limit is 4 GiB, but
  /// it holds a copy of a value in memory while it writes it.
  static constexpr std::size_t kMaxValueBytes = std::size_t{1} << 30;

  /// Opens or creates the store in the folder `path`.
  /// \throws Error `invalid_argument` if the path contains a NUL byte; `schema` if the path names a
  /// file, or a folder that holds something other than a bytestore on LMDB; `corrupt` if the store
  /// is damaged; `io` if its files cannot be opened for reading and writing.
  explicit LmdbByteStore(const std::filesystem::path& path, const LmdbOptions& options = {});
};

}  // namespace bytestore
