/// Uses stores on Cassandra for the first time, each in a session of its own, and says how long
/// each use took:
///
///   first_uses URI COUNT
///
/// It opens COUNT stores for each verb and writes `open`. After a line of standard input it uses
/// each of them once, by its verb; then it opens COUNT others and writes by them. Of each use it
/// writes a line: what it was (`mset`, `mget`, `mdelete`, `yield_keys`, `estimate_keys`, `listing`
/// for one that is not the first of its session, `opening`), its milliseconds, and `ok` or the code
/// of its error.

#include <chrono>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytestore/cassandra_byte_store.hpp"
#include "bytestore/cassandra_uri.hpp"

namespace {

using bytestore::CassandraByteStore;
using Store = std::unique_ptr<CassandraByteStore>;
using Use = std::function<void(CassandraByteStore&, const std::string& key)>;

Store open_store(std::string_view uri) {
  auto target = bytestore::cassandra_target(uri);
  target.store.session = bytestore::CassandraSession::connect(target.session);
  return std::make_unique<CassandraByteStore>(target.table, target.store);
}

void write(CassandraByteStore& store, const std::string& key) {
  store.mset({{key, bytestore::Bytes::copy(key)}});
}

void list(CassandraByteStore& store, const std::string& /*key*/) {
  for (const std::string_view key : store.yield_keys()) {
    if (key.empty()) throw std::runtime_error("a key is empty");
  }
}

const std::vector<std::pair<std::string_view, Use>>& uses() {
  static const std::vector<std::pair<std::string_view, Use>> all{
      {"mset", write},
      {"mget",
       [](CassandraByteStore& store, const std::string& key) {
         if (store.mget({key}).size() != 1) throw std::runtime_error("not one value");
       }},
      {"mdelete", [](CassandraByteStore& store, const std::string& key) { store.mdelete({key}); }},
      {"yield_keys", list},
      {"estimate_keys",
       [](CassandraByteStore& store, const std::string&) { store.estimate_keys(); }},
  };
  return all;
}

void measure(std::string_view what, const std::function<void()>& use) {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  const auto begun = std::chrono::steady_clock::now();
  std::string outcome = "ok";
  try {
    use();
  } catch (const bytestore::Error& error) {
    outcome = to_string(error.code());
    std::cerr << what << ": " << error.what() << '\n';
  }
  const Milliseconds took = std::chrono::steady_clock::now() - begun;
  std::cout << what << ' ' << took.count() << ' ' << outcome << std::endl;
}

void run(std::string_view uri, int count) {
  struct Planned {
    std::string_view verb;
    const Use& use;
    Store store;
  };
  std::vector<Planned> planned;
  for (int i = 0; i < count; ++i) {
    for (const auto& [verb, use] : uses()) planned.push_back({verb, use, open_store(uri)});
  }
  std::cout << "open" << std::endl;
  if (std::string line; !std::getline(std::cin, line)) return;

  int number = 0;
  for (auto& [verb, use, store] : planned) {
    const std::string key = std::to_string(number++);
    measure(verb, [&] { use(*store, key); });
    if (verb == "yield_keys") measure("listing", [&] { list(*store, key); });
  }
  for (int i = 0; i < count; ++i) {
    measure("opening", [&] { write(*open_store(uri), "opening"); });
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw std::runtime_error("usage: first_uses URI COUNT");
  run(argv[1], std::stoi(argv[2]));
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
