#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "bytestore/byte_store.hpp"

namespace bytestore {

struct RocksDBOptions {
  /// True: a call returns when its writes are on disk (one sync per call; asynchronous calls that
  /// are under way at the same time share one, and what they wrote may be read before it). False:
  /// the operating system writes them later; they survive the end of the process but not a loss of
  /// power.
  bool sync = true;

  /// Whether a folder that is not there yet is created; otherwise opening fails with `unavailable`.
  bool create_if_missing = true;

  /// Memory for blocks that were read, in bytes. 32 MiB suits a process that does other things too;
  /// RocksDB's tuning guide gives about a third of the memory to one that does not.
  std::size_t block_cache_bytes = std::size_t{32} << 20;

  /// Runs completions whose handlers bring no executor of their own. Null: a thread of the library.
  std::shared_ptr<const CallbackExecutor> executor{};
};

/// A store in a local folder, which one store at a time may hold, however its path is spelled. It
/// is held by a lock on the file `bytestore.lock` in it (docs/decisions/035-folder-lock.md), also
/// while others copy it; and a relative path is that of the working folder when the store is
/// opened.
///
/// A folder that holds anything and is not a bytestore is refused, and nothing in it is changed:
/// not even the time of a file. Ours are known by an entry of the database, so that checkpoints and
/// restored backups of RocksDB open, and folders of version 0.1, which had no lock of their own. A
/// folder is taken for empty if it holds nothing but `lost+found` or `bytestore.lock`, or what is
/// left of a creation that was interrupted.
///
/// A child that is forked after the first store was opened cannot open one, and ends at `exit`
/// without destroying static objects: those of RocksDB would wait for threads that it does not
/// have.
///
/// After a write that the disk refused (`io`) all others are refused too, until the store is opened
/// again; nothing that was acknowledged is lost, and reads go on.
///
/// Values have at most `kMaxValueBytes` (`too_large`). An `mset` is written in internal batches of
/// at most 8 MiB or 10,000 keys (one larger value is a batch of its own); each is atomic, also over
/// a crash.
class RocksDBByteStore final : public ByteStore {
 public:
  /// The largest value, 1 GiB: RocksDB holds a value in memory several times while it is written,
  /// and its own limit is 4 GiB.
  static constexpr std::size_t kMaxValueBytes = std::size_t{1} << 30;

  /// Opens or creates the store in the folder `path`.
  /// \throws Error `invalid_argument` if the path holds a NUL byte, `unavailable` if another
  /// process or store holds the folder, `schema` if it is a file or a folder that holds something
  /// else than a bytestore, `corrupt` if that is damaged, `io` if it cannot be read.
  explicit RocksDBByteStore(const std::filesystem::path& path, const RocksDBOptions& options = {});
};

}  // namespace bytestore
