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

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>

#include "bytestore/rocksdb_byte_store.hpp"
#include "written_batches.hpp"

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

/// Gives this process mounts of its own, which end with it. Returns whether it may have them.
bool may_mount() {
  return (::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWNS) == 0) &&
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
    say("wrong arguments");
  } catch (const std::exception& error) {
    say(error.what());
  }
  return 1;
}
