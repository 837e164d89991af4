/// What the tests need another process for. Each prints a line when it has done its part.
///
///     lmdb_helper hold PATH
///         opens the store, and holds it until it is killed
///     lmdb_helper fill PATH MIB
///         writes so many values of 1 MiB, and ends
///     lmdb_helper snapshot PATH COUNT
///         holds so many read transactions of LMDB until it is killed
///     lmdb_helper copy PATH FOLDER
///         has LMDB copy it, and ends
///     lmdb_helper lock PATH
///         is in the middle of a write transaction of LMDB until it is killed
///     lmdb_helper write PATH FIRST NAME
///         writes batches FIRST, FIRST + 1, ... with keys of its own until it is killed, deletes
///         some of them, and prints each number when that was acknowledged
///     lmdb_helper count PATH KEY TIMES
///         reads a number, writes it under a key of this process, so many times
///     lmdb_helper places PATH
///         prints how many places of readers have been used since the folder was opened
///     lmdb_helper threads PATH NAME THREADS TIMES
///         writes numbered keys "NAME:THREAD:" by so many threads, each so many times, and reads
///         each of them

#include <lmdb.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bytestore/lmdb_byte_store.hpp"
#include "support/written_batches.hpp"

namespace {

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

[[noreturn]] void wait_to_be_killed() {
  for (;;) ::pause();
}

void expect(int status) {
  if (status != MDB_SUCCESS) throw std::runtime_error(::mdb_strerror(status));
}

MDB_env* open_environment(const std::string& path) {
  MDB_env* environment = nullptr;
  expect(::mdb_env_create(&environment));
  expect(::mdb_env_set_mapsize(environment, std::size_t{1} << 30));
  expect(::mdb_env_open(environment, path.c_str(), MDB_NOTLS, 0644));
  return environment;
}

void hold(const std::string& path) {
  const bytestore::LmdbByteStore store(path);
  say("open");
  wait_to_be_killed();
}

void fill(const std::string& path, std::size_t mebibytes) {
  bytestore::LmdbByteStore store(path, {.sync = false});
  for (std::size_t i = 0; i < mebibytes; ++i) {
    store.mset({{"filled" + std::to_string(i), bytestore::testing::noise(1U << 20U, i)}});
  }
  store.close();
  say("filled");
}

void hold_snapshots(const std::string& path, std::size_t count) {
  MDB_env* const environment = open_environment(path);
  for (std::size_t i = 0; i < count; ++i) {
    MDB_txn* transaction = nullptr;
    expect(::mdb_txn_begin(environment, nullptr, MDB_RDONLY, &transaction));
  }
  say("reading");
  wait_to_be_killed();
}

void copy(const std::string& path, const std::string& folder) {
  expect(::mdb_env_copy(open_environment(path), folder.c_str()));
  say("copied");
}

void hold_the_lock(const std::string& path) {
  MDB_txn* transaction = nullptr;
  expect(::mdb_txn_begin(open_environment(path), nullptr, 0, &transaction));
  say("locked");
  wait_to_be_killed();
}

void count_places(const std::string& path) {
  MDB_envinfo info{};
  expect(::mdb_env_info(open_environment(path), &info));
  say(std::to_string(info.me_numreaders));
}

void write(const std::string& path, std::size_t first, const std::string& name) {
  bytestore::LmdbByteStore store(path);
  for (std::size_t batch = first;; ++batch) {
    auto entries = bytestore::batch_entries(batch);
    for (auto& entry : entries) entry.key = name + entry.key;
    store.mset(entries);
    if (batch > 0 && bytestore::is_deleted_by_the_next(batch - 1)) {
      auto keys = bytestore::batch_keys(batch - 1);
      for (auto& key : keys) key.insert(0, name);
      store.mdelete(keys);
    }
    say(std::to_string(batch));
  }
}

void count(const std::string& path, const std::string& key, std::size_t times) {
  bytestore::LmdbByteStore store(path, {.sync = false});
  for (std::size_t i = 0; i < times; ++i) {
    store.mset({{key, bytestore::Bytes::copy(std::to_string(i + 1))}});
    if (store.mget({key})[0]->view() != std::to_string(i + 1)) throw std::runtime_error("lost");
  }
  say("counted");
}

void work_by_threads(const std::string& path, const std::string& name, std::size_t threads,
                     std::size_t times) {
  bytestore::LmdbByteStore store(path, {.sync = false});
  std::atomic<std::size_t> right = 0;
  const auto work = [&](std::size_t thread) {
    const auto prefix = name + ":" + std::to_string(thread) + ":";
    for (const auto& key : bytestore::testing::numbered_keys(prefix, times)) {
      store.mset({{key, bytestore::testing::text(key)}});
      const auto found = store.mget({key, prefix + "0"});
      if (found[0] == bytestore::testing::text(key) && found[1].has_value()) ++right;
    }
  };
  {
    std::vector<std::jthread> all;
    for (std::size_t i = 0; i < threads; ++i) all.emplace_back(work, i);
  }
  say(right == threads * times ? "worked" : "lost");
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  try {
    if (argc == 3 && words[1] == "hold") hold(words[2]);
    if (argc == 3 && words[1] == "lock") hold_the_lock(words[2]);
    if (argc == 3 && words[1] == "places") return count_places(words[2]), 0;
    if (argc == 4 && words[1] == "fill") return fill(words[2], std::stoul(words[3])), 0;
    if (argc == 4 && words[1] == "copy") return copy(words[2], words[3]), 0;
    if (argc == 4 && words[1] == "snapshot") hold_snapshots(words[2], std::stoul(words[3]));
    if (argc == 5 && words[1] == "write") write(words[2], std::stoul(words[3]), words[4]);
    if (argc == 5 && words[1] == "count") {
      return count(words[2], words[3], std::stoul(words[4])), 0;
    }
    if (argc == 6 && words[1] == "threads") {
      return work_by_threads(words[2], words[3], std::stoul(words[4]), std::stoul(words[5])), 0;
    }
    say("wrong arguments");
  } catch (const std::exception& error) {
    say(error.what());
  }
  return 1;
}
