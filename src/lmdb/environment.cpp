#include "lmdb/environment.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <string>
#include <utility>

#include "lmdb/entries.hpp"
#include "lmdb/status.hpp"
#include "lmdb/stored_key.hpp"

namespace bytestore::lmdb_backend {
namespace {

/// How many read transactions are kept for the next reader: beginning one anew takes a lock that
/// all processes share.
constexpr std::size_t kIdleTransactions = 16;

/// The least by which a map grows, if there is no room for twice its size.
constexpr std::size_t kLeastGrowth = std::size_t{16} << 20;

/// By how many pages the file may grow before dead readers are looked for.
constexpr std::size_t kPagesPerCheck = 256;

constexpr unsigned kFileMode = 0644;

/// Whether the process has room for that much more in its address space. LMDB itself gives the old
/// map up before it knows.
bool has_room_for(std::size_t bytes) noexcept {
  void* const tried =
      ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (tried == MAP_FAILED) return false;
  ::munmap(tried, bytes);
  return true;
}

MDB_envinfo info_of(MDB_env* environment) {
  MDB_envinfo info{};
  ::mdb_env_info(environment, &info);
  return info;
}

/// Releases the places of readers whose processes have died: until then, no page that they could
/// see is used again. Returns how many there were.
int release_dead_readers_of(MDB_env* environment) {
  int dead = 0;
  ::mdb_reader_check(environment, &dead);
  return dead;
}

/// Has LMDB know the order of the keys, which it learns in a transaction only.
int prepare(MDB_env* environment) {
  MDB_txn* begun = nullptr;
  int status = ::mdb_txn_begin(environment, nullptr, MDB_RDONLY, &begun);
  while (status == MDB_MAP_RESIZED) {
    status = ::mdb_env_set_mapsize(environment, 0);
    if (status == MDB_SUCCESS) {
      status = ::mdb_txn_begin(environment, nullptr, MDB_RDONLY, &begun);
    }
  }
  if (status != MDB_SUCCESS) return status;
  const TransactionHandle transaction(begun);
  MDB_dbi database = 0;
  return ::mdb_dbi_open(begun, nullptr, 0, &database);
}

[[noreturn]] void refuse_map(std::size_t bytes) {
  throw Error(
      ErrorCode::io,
      fmt::format("the store needs a map of more than {} MiB, for which this process has no "
                  "room in its address space; raise its limit (ulimit -v)",
                  bytes >> 20U));
}

}  // namespace

Environment::Environment(const std::filesystem::path& folder, std::size_t map_bytes)
    : folder_(folder), data_file_(folder / "data.mdb"), handle_(open(map_bytes)) {}

Environment::~Environment() { idle_.clear(); }

EnvironmentHandle Environment::open(std::size_t map_bytes) const {
  const auto what = fmt::format("opening {}", folder_.string());
  for (;; map_bytes /= 2) {
    MDB_env* made = nullptr;
    check(what, ::mdb_env_create(&made));
    EnvironmentHandle handle(made);
    check(what, ::mdb_env_set_mapsize(made, map_bytes));
    check(what, ::mdb_env_set_maxreaders(made, kMaxReaders));
    // Read transactions belong to objects, not to threads. The system reads ahead of what is read
    // only where that was asked for: keys are random.
    const int status = ::mdb_env_open(made, folder_.c_str(), MDB_NOTLS | MDB_NORDAHEAD, kFileMode);
    if (status == ENOMEM && map_bytes > kLeastGrowth) continue;
    if (status == ENOMEM) refuse_map(map_bytes);
    check(what, status);
    if (std::cmp_less(::mdb_env_get_maxkeysize(made), kMaxStoredKeyBytes)) {
      throw Error(
          ErrorCode::schema,
          fmt::format("{} failed: this LMDB takes keys of {} bytes only, and bytestore needs "
                      "{}; use the LMDB of the distribution",
                      what, ::mdb_env_get_maxkeysize(made), kMaxStoredKeyBytes));
    }
    release_dead_readers_of(made);
    check(what, prepare(made));
    return handle;
  }
}

void Environment::check_open() const {
  if (handle_) return;
  throw Error(
      ErrorCode::io,
      fmt::format("the store in {} lost its map, since this process has no room left in its "
                  "address space; close all its stores there and open them again",
                  folder_.string()));
}

/// Nobody would find what is written to a file that is not there any more.
void Environment::check_file() const {
  int file = -1;
  struct stat open{};
  struct stat found{};
  if (::mdb_env_get_fd(handle_.get(), &file) != MDB_SUCCESS || ::fstat(file, &open) != 0) return;
  if (::stat(data_file_.c_str(), &found) == 0 && found.st_dev == open.st_dev &&
      found.st_ino == open.st_ino) {
    return;
  }
  throw Error(ErrorCode::unavailable,
              fmt::format("the folder {} was deleted, moved or replaced while the store was open; "
                          "close all stores of this process on it, and open it again",
                          folder_.string()));
}

TransactionHandle Environment::take_idle() {
  const std::lock_guard lock(idle_mutex_);
  if (idle_.empty()) return nullptr;
  auto taken = std::move(idle_.back());
  idle_.pop_back();
  return taken;
}

void Environment::keep_idle(TransactionHandle transaction) noexcept {
  ::mdb_txn_reset(transaction.get());
  const std::lock_guard lock(idle_mutex_);
  if (idle_.size() >= kIdleTransactions) return;
  try {
    idle_.push_back(std::move(transaction));
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): out of memory; it ends
  }
}

/// Null if the map has to be made as large as others have made theirs.
TransactionHandle Environment::begin_read() {
  check_open();
  if (auto idle = take_idle()) {
    const int status = ::mdb_txn_renew(idle.get());
    if (status == MDB_SUCCESS) return idle;
    if (status == MDB_MAP_RESIZED) return nullptr;
    check("reading", status);
  }
  MDB_txn* begun = nullptr;
  int status = ::mdb_txn_begin(handle_.get(), nullptr, MDB_RDONLY, &begun);
  if (status == MDB_READERS_FULL && release_dead_readers_of(handle_.get()) > 0) {
    status = ::mdb_txn_begin(handle_.get(), nullptr, MDB_RDONLY, &begun);
  }
  if (status == MDB_MAP_RESIZED) return nullptr;
  if (status == EAGAIN || status == EACCES) {
    throw Error(ErrorCode::unavailable,
                fmt::format("another process with the number of this one uses the store in {}, in "
                            "another container; let the containers share the numbers of processes",
                            folder_.string()));
  }
  check("reading", status);
  return TransactionHandle(begun);
}

Environment::Snapshot::Snapshot(Environment& environment) : environment_(environment) {
  pass_.emplace(environment_.gate_);
  while ((transaction_ = environment_.begin_read()) == nullptr) {
    pass_.reset();
    environment_.grow(true);
    pass_.emplace(environment_.gate_);
  }
}

Environment::Snapshot::~Snapshot() { environment_.keep_idle(std::move(transaction_)); }

Environment::Written Environment::write(const Body& body) {
  for (;;) {
    const Written written = write_once(body);
    if (written.status != MDB_MAP_FULL && written.status != MDB_MAP_RESIZED) return written;
    grow(written.status == MDB_MAP_RESIZED);
  }
}

Environment::Written Environment::write_once(const Body& body) {
  const MapGate::Pass pass(gate_);
  check_open();
  MDB_txn* begun = nullptr;
  int status = ::mdb_txn_begin(handle_.get(), nullptr, 0, &begun);
  if (status != MDB_SUCCESS) return {.status = status};
  TransactionHandle transaction(begun);
  check_file();
  bool sync = false;
  status = body(begun, sync);
  if (status != MDB_SUCCESS) return {.status = status};
  return commit(sync, std::move(transaction));
}

Environment::Written Environment::commit(bool sync, TransactionHandle transaction) {
  if (std::exchange(syncs_, sync) != sync) {
    ::mdb_env_set_flags(handle_.get(), MDB_NOSYNC, sync ? 0 : 1);
  }
  const auto number = ::mdb_txn_id(transaction.get());
  const int status = ::mdb_txn_commit(transaction.release());
  if (status == MDB_SUCCESS) {
    after_commit(sync);
    return {};
  }
  // Whether it counts is decided by the last page that is written. If that was tried, LMDB refuses
  // everything that follows.
  MDB_txn* seen = nullptr;
  if (::mdb_txn_begin(handle_.get(), nullptr, MDB_RDONLY, &seen) != MDB_SUCCESS) {
    return {.status = status, .outcome = Outcome::unknown};
  }
  const TransactionHandle reader(seen);
  return {.status = status,
          .outcome = ::mdb_txn_id(seen) < number ? Outcome::failed : Outcome::unknown};
}

void Environment::after_commit(bool sync) {
  has_unsynced_ = !sync;  // a sync is one of the whole file
  const auto pages = info_of(handle_.get()).me_last_pgno;
  if (pages < pages_at_check_ + kPagesPerCheck) return;
  pages_at_check_ = pages;
  release_dead_readers_of(handle_.get());
}

void Environment::flush() {
  const MapGate::Pass pass(gate_);
  if (!handle_ || !has_unsynced_.exchange(false)) return;
  check("writing to disk", ::mdb_env_sync(handle_.get(), 1));
}

std::uint64_t Environment::count_entries() {
  const Snapshot snapshot(*this);
  MDB_stat counted{};
  check("counting keys", ::mdb_stat(snapshot.transaction(), kMainDatabase, &counted));
  return counted.ms_entries;
}

std::size_t Environment::used_bytes() const {
  MDB_stat pages{};
  ::mdb_env_stat(handle_.get(), &pages);
  return (info_of(handle_.get()).me_last_pgno + 1) * pages.ms_psize;
}

void Environment::grow(bool because_others_did) {
  gate_.alone([&] {
    check_open();
    const std::size_t now = info_of(handle_.get()).me_mapsize;
    const std::size_t used = used_bytes();
    if (because_others_did && used <= now) return;  // another thread has done it
    std::size_t wanted = now;
    while (wanted <= used || wanted == now) wanted *= 2;
    while (!has_room_for(wanted - now)) {
      wanted = now + (wanted - now) / 2;
      if (wanted < now + kLeastGrowth || wanted < used) refuse_map(now);
    }
    map_again(wanted);
  });
}

void Environment::map_again(std::size_t bytes) {
  const std::size_t before = info_of(handle_.get()).me_mapsize;
  map_place_.forget();
  if (::mdb_env_set_mapsize(handle_.get(), bytes) == MDB_SUCCESS) return;
  // LMDB has no map at all now, and can only be opened anew.
  {
    const std::lock_guard lock(idle_mutex_);
    idle_.clear();
  }
  handle_.reset();
  syncs_ = true;
  handle_ = open(before);
  refuse_map(before);
}

}  // namespace bytestore::lmdb_backend
