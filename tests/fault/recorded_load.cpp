/// Clients of a store that record what they call and see, for check_history:
///
///   recorded_load URI FILE FIRST_CLIENT CLIENTS KEYS CALLS_A_SECOND [SPECULATIVE_DELAY_MS]
///
/// Each client is a thread, and makes one call after another: writes, reads and deletions of up to
/// 100 of the keys `k/0` to `k/KEYS-1`, and now and then a listing of all. All clients of it
/// together make so many calls a second (0: as many as they can). FILE gets a line for each call
/// (check_history's history.go says what is in it). It prints `open` when the store is, then, ten
/// times a second, how many keys were acknowledged so far. It ends when standard input does.

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bytestore/cassandra_uri.hpp"
#include "bytestore/open.hpp"

namespace {

using bytestore::ByteStore;
using Clock = std::chrono::steady_clock;  // one clock for all programs of the machine

constexpr std::int64_t kAbsent = 0;
constexpr std::int64_t kTorn = -1;
constexpr std::int64_t kWritesOfClient = 1'000'000'000;
constexpr int kMostKeys = 100;
constexpr std::string_view kPrefix = "k/";

struct Asked {
  std::string uri;
  std::string file;
  int first_client;
  int clients;
  int keys;
  double calls_a_second;
  std::chrono::milliseconds speculative_delay;  ///< of a store on Cassandra; 0: none
};

std::string name_of(int key) { return std::string(kPrefix) + std::to_string(key); }

int key_of(std::string_view name) {
  int key = -1;
  std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), key);
  return key;
}

/// The value with this number, of 40 to 2,039 bytes. recorded_load.py makes the same.
std::string value_of(int key, std::int64_t number) {
  const std::string words = name_of(key) + ' ' + std::to_string(number) + ' ';
  const std::size_t size = 40 + static_cast<std::size_t>(number * 7919 % 2000);
  std::string value;
  while (value.size() < size) value += words;
  value.resize(size);
  return value;
}

std::int64_t number_of(int key, std::string_view value) {
  const auto blank = value.find(' ');
  if (blank == std::string_view::npos) return kTorn;
  std::int64_t number = 0;
  std::from_chars(value.data() + blank + 1, value.data() + value.size(), number);
  return number > 0 && value == value_of(key, number) ? number : kTorn;
}

/// The file of all clients.
class History {
 public:
  explicit History(const std::string& path) : file_(path) {
    if (!file_) throw std::runtime_error("cannot write " + path);
  }

  void add(const nlohmann::json& call) {
    const auto line = call.dump() + '\n';
    const std::lock_guard lock(mutex_);
    file_ << line;
  }

  /// So that what was recorded is there, whatever becomes of the process.
  void flush() {
    const std::lock_guard lock(mutex_);
    if (!file_.flush()) throw std::runtime_error("cannot write the history");
  }

 private:
  std::mutex mutex_;
  std::ofstream file_;
};

struct Load {
  ByteStore& store;
  History& history;
  std::atomic<bool> is_over = false;
  std::atomic<std::int64_t> acknowledged = 0;
};

std::int64_t now() { return Clock::now().time_since_epoch() / std::chrono::nanoseconds(1); }

/// One thread of calls.
class Client {
 public:
  Client(Load& load, const Asked& asked, int number)
      : load_(load),
        number_(number),
        all_(static_cast<std::size_t>(asked.keys)),
        pause_(asked.calls_a_second > 0 ? asked.clients / asked.calls_a_second : 0),
        random_(static_cast<unsigned>(number)) {
    std::iota(all_.begin(), all_.end(), 0);
  }

  void run() {
    auto next = Clock::now();
    while (!load_.is_over) {
      call();
      next = std::max(Clock::now() - std::chrono::seconds(1),
                      next + std::chrono::duration_cast<Clock::duration>(pause_));
      std::this_thread::sleep_until(next);
    }
  }

 private:
  int random(int most) { return std::uniform_int_distribution(1, most)(random_); }

  void call() {
    keys_.clear();
    names_.clear();
    std::ranges::sample(all_, std::back_inserter(keys_), random(kMostKeys), random_);
    for (const int key : keys_) names_.push_back(name_of(key));
    const int chance = random(100);
    if (chance <= 45) {
      write();
    } else if (chance <= 55) {
      record("mdelete", [&](auto&) { load_.store.mdelete(names_); });
    } else if (chance <= 99) {
      read();
    } else {
      list();
    }
  }

  void write() {
    std::vector<std::int64_t> numbers;
    std::vector<bytestore::Entry> entries;
    for (std::size_t i = 0; i != keys_.size(); ++i) {
      numbers.push_back(number_ * kWritesOfClient + ++writes_);
      const auto value = value_of(keys_[i], numbers.back());
      entries.push_back({names_[i], bytestore::Bytes::copy(value)});
    }
    record("mset", [&](nlohmann::json& call) {
      call["values"] = numbers;
      load_.store.mset(entries);
    });
  }

  void read() {
    record("mget", [&](nlohmann::json& call) { note(call, load_.store.mget(names_)); });
  }

  void list() {
    keys_.clear();
    nlohmann::json call{{"verb", "yield_keys"}, {"client", number_}, {"outcomes", "."}};
    call["start"] = now();
    try {
      for (const std::string_view name : load_.store.yield_keys({.prefix = std::string(kPrefix)})) {
        keys_.push_back(key_of(name));
      }
    } catch (const bytestore::Error& error) {
      call["outcomes"] = "f";
      call["codes"] = {to_string(error.code())};
    }
    call["end"] = now();
    call["keys"] = keys_;
    load_.history.add(call);
  }

  void note(nlohmann::json& call, const ByteStore::Values& values) const {
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i != keys_.size(); ++i) {
      const auto& value = values.at(i);
      numbers.push_back(value ? number_of(keys_[i], value->view()) : kAbsent);
    }
    call["values"] = numbers;
  }

  /// `verb_call` calls the verb, and adds the values to the record that it is given.
  template <typename Call>
  void record(std::string_view verb, const Call& verb_call) {
    nlohmann::json call{{"verb", verb}, {"client", number_}, {"keys", keys_}};
    std::string outcomes(keys_.size(), '.');
    std::set<std::string_view> codes;
    call["start"] = now();
    try {
      verb_call(call);
      call["end"] = now();
    } catch (const bytestore::BatchError& error) {
      call["end"] = now();
      if (verb == "mget") note(call, error.values());
      for (const auto& failure : error.failures()) {
        outcomes.at(failure.index) = failure.outcome == bytestore::Outcome::failed ? 'f' : 'u';
        codes.insert(to_string(failure.code));
      }
    }
    call["outcomes"] = outcomes;
    if (!codes.empty()) call["codes"] = codes;
    load_.history.add(call);
    load_.acknowledged += std::ranges::count(outcomes, '.');
  }

  Load& load_;
  int number_;
  std::vector<int> all_;
  std::chrono::duration<double> pause_;  ///< from the start of a call to that of the next
  std::mt19937 random_;
  std::int64_t writes_ = 0;
  std::vector<int> keys_;  ///< of the call
  std::vector<std::string> names_;
};

bool input_ended_within(std::chrono::milliseconds time) {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return ::poll(&input, 1, static_cast<int>(time.count())) > 0;
}

std::unique_ptr<ByteStore> open(const Asked& asked) {
  if (asked.speculative_delay.count() == 0) return bytestore::open(asked.uri);
  auto target = bytestore::cassandra_target(asked.uri);
  target.store.session = bytestore::CassandraSession::connect(target.session);
  target.store.speculative_delay = asked.speculative_delay;
  return std::make_unique<bytestore::CassandraByteStore>(target.table, target.store);
}

void run(const Asked& asked) {
  const auto store = open(asked);
  History history(asked.file);
  Load load{.store = *store, .history = history};
  std::vector<Client> clients;
  for (int i = 0; i != asked.clients; ++i)
    clients.emplace_back(load, asked, asked.first_client + i);
  std::cout << "open" << std::endl;
  {
    std::vector<std::jthread> threads;
    for (auto& client : clients) threads.emplace_back([&client] { client.run(); });
    while (!input_ended_within(std::chrono::milliseconds(100))) {
      std::cout << load.acknowledged << std::endl;
      history.flush();
    }
    load.is_over = true;
  }
  history.flush();
  std::cout << load.acknowledged << std::endl;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 7 && argc != 8) {
    throw std::runtime_error(
        "usage: recorded_load URI FILE FIRST_CLIENT CLIENTS KEYS CALLS_A_SECOND "
        "[SPECULATIVE_DELAY_MS]");
  }
  run({.uri = argv[1],
       .file = argv[2],
       .first_client = std::stoi(argv[3]),
       .clients = std::stoi(argv[4]),
       .keys = std::stoi(argv[5]),
       .calls_a_second = std::stod(argv[6]),
       .speculative_delay = std::chrono::milliseconds(argc == 8 ? std::stoi(argv[7]) : 0)});
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
