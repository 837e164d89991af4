/// What the tests need another process for:
///
///     rocksdb_helper hold PATH
///         holds the folder until it is killed
///     rocksdb_helper fork PATH
///         holds the folder, and has a child that lives on for a minute when this one is killed
///     rocksdb_helper write PATH FIRST sync|async
///         writes batches FIRST, FIRST + 1, ... until it is killed, and prints each number when the
///         batch was acknowledged
///     rocksdb_helper read-mounted PATH KEY
///         mounts the folder read-only for itself alone, and prints the value; or "no mount" if it
///         may not mount
///     rocksdb_helper put PATH KEY...
///         puts keys into the database of a store, past the store
///     rocksdb_helper fill PATH sync|async
///         fills a small file system, which it mounts at the folder for itself alone, with a store;
///         enlarges it; and prints what became of the store, or "no mount"

#include <rocksdb/db.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "bytestore/rocksdb_byte_store.hpp"
#include "support/values.hpp"
#include "support/written_batches.hpp"

namespace {

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

int hold(const std::string& path) {
  const bytestore::RocksDBByteStore store(path);
  say("open");
  for (;;) ::pause();
}

int hold_and_fork(const std::string& path) {
  const bytestore::RocksDBByteStore store(path);
  if (::fork() == 0) {
    say("forked");
    // Else whoever reads them waits for this process.
    ::close(STDOUT_FILENO);
    ::close(STDERR_FILENO);
    ::sleep(60);
    ::_exit(0);
  }
  for (;;) ::pause();
}

int write(const std::string& path, std::size_t first, bool sync) {
  bytestore::RocksDBByteStore store(path, {.sync = sync});
  for (std::size_t batch = first;; ++batch) {
    store.mset(bytestore::batch_entries(batch));
    say(std::to_string(batch));
  }
}

/// Makes this process the superuser of a user namespace of its own. Returns whether it may.
bool become_superuser() {
  const auto user = std::to_string(::getuid());
  const auto group = std::to_string(::getgid());
  if (::unshare(CLONE_NEWUSER) != 0) return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
  return ::geteuid() == 0;
}

/// Gives this process mounts of its own, which end with it. Returns whether it may have them.
bool may_mount() {
  return (::geteuid() == 0 || become_superuser()) && ::unshare(CLONE_NEWNS) == 0 &&
         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

int read_mounted(const std::string& path, const std::string& key) {
  const char* const folder = path.c_str();
  if (!may_mount() || ::mount(folder, folder, nullptr, MS_BIND, nullptr) != 0 ||
      ::mount(nullptr, folder, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
    say("no mount");
    return 1;
  }
  bytestore::RocksDBByteStore store(path, {.read_only = true});
  const auto value = store.mget({key}).front();
  say(value ? std::string(value->view()) : "absent");
  return 0;
}

int put(const std::string& path, std::span<const std::string> keys) {
  rocksdb::DB* opened = nullptr;
  auto status = rocksdb::DB::Open({}, path, &opened);
  const std::unique_ptr<rocksdb::DB> database(opened);
  for (const auto& key : keys) {
    if (status.ok()) status = database->Put({}, key, "v");
  }
  if (!status.ok()) say(status.ToString());
  return status.ok() ? 0 : 1;
}

constexpr const char* kSmall = "size=24m";
constexpr const char* kLarge = "size=256m";
constexpr std::size_t kMiB = std::size_t{1} << 20;

bytestore::Entry mebibyte(std::size_t number) {
  return {std::to_string(number), bytestore::testing::noise(kMiB, number)};
}

/// Whether the store has all of the first keys, and one that was written later.
bool is_whole(bytestore::ByteStore& store, std::size_t first_keys) {
  for (std::size_t i = 0; i < first_keys; ++i) {
    if (store.mget({mebibyte(i).key}).front() != mebibyte(i).value) return false;
  }
  return store.mget({"later"}).front().has_value();
}

/// Writes until the disk is full. Returns how many writes succeeded.
std::size_t fill(bytestore::ByteStore& store) {
  for (std::size_t written = 0;; ++written) {
    try {
      store.mset({mebibyte(written)});
    } catch (const bytestore::BatchError& error) {
      say(std::string(to_string(error.code())) + ": " + error.failures().front().message);
      return written;
    }
  }
}

/// Writes until that succeeds. Returns whether it did within a minute.
bool write_again(bytestore::ByteStore& store) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < end) {
    try {
      store.mset({{"later", bytestore::as_bytes("v")}});
      return true;
    } catch (const bytestore::Error&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  return false;
}

int fill(const std::string& path, bool sync) {
  const char* const folder = path.c_str();
  if (!may_mount() || ::mount("tmpfs", folder, "tmpfs", 0, kSmall) != 0) {
    say("no mount");
    return 1;
  }
  const auto place = path + "/store";
  bytestore::RocksDBByteStore store(place, {.sync = sync});
  const auto written = fill(store);
  {
    bytestore::RocksDBByteStore reader(place, {.read_only = true});
    std::size_t keys = 0;
    for (const auto& key : reader.yield_keys()) {
      if (reader.mget({key}).front() != mebibyte(std::stoul(key)).value) say("damaged: " + key);
      ++keys;
    }
    say(keys >= written ? "all can be read" : "some cannot be read");
  }
  if (::mount(nullptr, folder, nullptr, MS_REMOUNT, kLarge) != 0) say("cannot be enlarged");
  say(write_again(store) ? "goes on" : "does not go on");
  say(is_whole(store, written) ? "is whole" : "is not whole");
  store.close();
  bytestore::RocksDBByteStore reopened(place);
  say(is_whole(reopened, written) ? "is whole" : "is not whole");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  try {
    if (argc == 3 && words[1] == "hold") return hold(words[2]);
    if (argc == 3 && words[1] == "fork") return hold_and_fork(words[2]);
    if (argc == 5 && words[1] == "write") {
      return write(words[2], std::stoul(words[3]), words[4] == "sync");
    }
    if (argc == 4 && words[1] == "read-mounted") return read_mounted(words[2], words[3]);
    if (argc > 3 && words[1] == "put") return put(words[2], std::span(words).subspan(3));
    if (argc == 4 && words[1] == "fill") return fill(words[2], words[3] == "sync");
    say("wrong arguments");
  } catch (const std::exception& error) {
    say(error.what());
  }
  return 1;
}
