/// What the tests need another process for:
///
///     rocksdb_helper hold PATH
///         holds the folder until it is killed
///     rocksdb_helper fork PATH
///         holds the folder, and has a child that lives on for a minute when this one is killed
///     rocksdb_helper write PATH FIRST sync|async
///         writes batches FIRST, FIRST + 1, ... until it is killed, and prints each number when the
///         batch was acknowledged

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

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  try {
    if (argc == 3 && words[1] == "hold") return hold(words[2]);
    if (argc == 3 && words[1] == "fork") return hold_and_fork(words[2]);
    if (argc == 5 && words[1] == "write") {
      return write(words[2], std::stoul(words[3]), words[4] == "sync");
    }
    say("wrong arguments");
  } catch (const std::exception& error) {
    say(error.what());
  }
  return 1;
}
