#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>

#include "bytestore/byte_store.hpp"

namespace bytestore {

struct RocksDBOptions {
  /// If true, a call returns when its writes are on disk. Each call does one sync; asynchronous
  /// calls that are in flight at the same time share one, and what they wrote may be read before
  /// that sync. If false, the operating system writes the data to disk later; writes then survive
  /// the end of the process but not a loss of power.
  bool sync = true;

  /// Whether to create a folder that does not exist. If it is false, opening such a folder fails
  /// with `unavailable`.
  bool create_if_missing = true;

  /// If true, the store is opened for reads only, and nothing in the folder is written, made or
  /// locked: it may be on a read-only mount, belong to another user, or be held by another store.
  /// The store then shows what was in the folder when it was opened. Writes fail with
  /// `invalid_argument` before they do anything, a folder without a store is never created
  /// (`unavailable`), and `sync` and `create_if_missing` have no effect. While another store holds
  /// the folder and replaces files in it, a read may fail with `corrupt` and say that a file is
  /// gone; open the store again to see the present state.
  bool read_only = false;

  /// The default of `block_cache_bytes`: a sixteenth of the memory that the process may use (that
  /// of the machine, or of its control group), at least 32 MiB and at most 512 MiB.
  static constexpr std::size_t kCacheByMemory = static_cast<std::size_t>(-1);

  /// Size of the cache for blocks that were read, in bytes; 0 for none. It is filled only by what
  /// is read. What the store uses beside it is at most 64 MiB for each of two tables of what was
  /// written last, and about 2 % of the data of the files that are open, for their indexes and
  /// filters.
  std::size_t block_cache_bytes = kCacheByMemory;

  /// Runs handlers that have no associated executor (`run_on`). If it is null, a thread of the
  /// library runs them.
  std::shared_ptr<const CallbackExecutor> executor{};
};

/// How far a compaction has come.
struct CompactProgress {
  std::uint64_t bytes_written = 0;  ///< in files that are complete
  std::uint64_t bytes_before = 0;   ///< as in `CompactResult`
};

/// Options of `RocksDBByteStore::compact`.
struct CompactOptions {
  /// Called on the thread that compacts, when it begins and about 50 times a second. What it throws
  /// ends the compaction, and `compact` throws it. It may be null.
  std::function<void(const CompactProgress&)> on_progress{};

  /// Ends the compaction when a stop is requested: it fails with `cancelled`.
  std::stop_token stop{};
};

/// What a compaction did: the sizes of all tables and files of large values.
struct CompactResult {
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;
};

/// A store in a local folder. Only one store at a time may hold a folder, whatever path names it;
/// those that only read (`RocksDBOptions::read_only`) hold none. The store locks the files
/// `bytestore.lock` and `LOCK` in the folder (docs/decisions/061-locks-and-newer-folders.md), and
/// so keeps out other programs on RocksDB, too; copying the folder does not break the locks. A
/// relative path is resolved once, when the store is opened.
///
/// A folder that is not empty and is not a bytestore is refused, and nothing in it is changed, not
/// even the time of a file. A bytestore is recognised by an entry in its database. Checkpoints and
/// restored backups that RocksDB made of a bytestore therefore open, and so do folders of version
/// 0.1, which had no lock file. A folder counts as empty if it holds only `lost+found`,
/// `bytestore.lock`, or what an interrupted creation left.
///
/// A child process that is forked after the parent opened its first RocksDB store cannot open one.
/// At `exit` it does not destroy static objects, since those of RocksDB would wait for threads that
/// the child does not have.
///
/// A folder that is deleted, replaced or moved while its store is open takes no more writes: they
/// fail with `unavailable`. If `sync` is false, the store looks every 0.1 ms at most.
///
/// While a store is open, and after its process was killed, the folder has the file
/// `bytestore.open`. It tells that the log is needed, which the next opening looks for
/// (docs/decisions/062-folders-in-trouble.md).
///
/// After a write that the disk refused (`io`), all later writes are refused too, deletions as well.
/// If the disk was full, that ends by itself some seconds after it has 64 MiB of free space; if it
/// had another reason, when the store is opened again. Nothing that was acknowledged is lost, and
/// reads go on. A store cannot be opened on a full disk, but for reads only.
///
/// A value has at most `kMaxValueBytes`; a larger one fails with `too_large`. An `mset` is written
/// in internal batches of at most 8 MiB or 10,000 keys; a single larger value is a batch of its
/// own. Each internal batch is atomic, also if the process crashes.
class RocksDBByteStore final : public ByteStore {
 public:
  /// The greatest size of a value, 1 GiB. RocksDB's own limit is 4 GiB, but it holds several copies
  /// of a value in memory while it writes it.
  static constexpr std::size_t kMaxValueBytes = std::size_t{1} << 30;

  /// Opens or creates the store in the folder `path`.
  /// \throws Error `invalid_argument` if the path contains a NUL byte; `unavailable` if another
  /// process or store holds the folder, or if RocksDB was built without LZ4; `schema` if the path
  /// names a file, or a folder that holds something other than a bytestore, or one that a newer
  /// version of RocksDB or bytestore wrote in a form that this one cannot read; `corrupt` if the
  /// bytestore is damaged or its log is missing; `io` if it cannot be read.
  explicit RocksDBByteStore(const std::filesystem::path& path, const RocksDBOptions& options = {});

  /// Frees the space of what was deleted or overwritten now, and blocks until that is done. A store
  /// that stays open does the same by itself, in the background and in small parts: within minutes,
  /// if most of it was deleted. All data is read and written once, and until that is done the disk
  /// has to hold both. Other calls go on meanwhile.
  ///
  /// It has no asynchronous form. \throws Error `cancelled` if it was stopped or the store is
  /// closed; what was freed until then stays free. `io` or `corrupt` if files cannot be read or
  /// written; the data is then as it was.
  CompactResult compact(const CompactOptions& options = {});
};

}  // namespace bytestore
