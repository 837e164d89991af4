/// Calls a store on Cassandra round after round, and says what it reports of each key:
///
///   call_in_rounds URI mset|mget|open KEYS ROUNDS [SPECULATIVE_DELAY_MS]
///
/// Round R is one call with the keys R/0, R/1, ..., whose value is the key twenty times; `open`
/// makes the table NAME_R, and counts its set-up as the one key. It writes a line with a character
/// for each key: `.` it succeeded, `f` failed (certainly not applied), `u` unknown; also `w`: of
/// `mget` another value or none. A blank and the codes of the errors follow, if there were any. It
/// ends after the last round (where nothing is written it begins again), after one of which no key
/// succeeded, or after the one in which standard input ends. Its last line is `# RETRIES
/// SPECULATIVE`, the requests of the verb that were sent again and beside others. The session's log
/// is standard error.

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <iostream>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/cassandra_byte_store.hpp"
#include "bytestore/cassandra_uri.hpp"

namespace {

using bytestore::BatchError;
using bytestore::ByteStore;
using bytestore::CassandraByteStore;

struct Asked {
  std::string_view uri;
  std::string_view verb;
  int keys_of_round;
  int rounds;
  std::chrono::milliseconds speculative_delay;  ///< 0: none

  [[nodiscard]] bool writes() const noexcept { return verb == "mset"; }
};

std::string value_of(const std::string& key) {
  std::string value;
  for (int i = 0; i != 20; ++i) value += key;
  return value;
}

void mark_wrong(const std::vector<std::string>& keys, const ByteStore::Values& values,
                std::string& marks) {
  for (std::size_t i = 0; i != keys.size(); ++i) {
    const auto& value = values.at(i);
    if (!value || value->view() != value_of(keys[i])) marks[i] = 'w';
  }
}

void call(ByteStore& store, std::string_view verb, const std::vector<std::string>& keys,
          std::string& marks) {
  if (verb == "mset") {
    std::vector<bytestore::Entry> entries;
    for (const auto& key : keys) entries.push_back({key, bytestore::Bytes::copy(value_of(key))});
    store.mset(entries);
  } else if (verb == "mget") {
    mark_wrong(keys, store.mget(keys), marks);
  } else {
    throw std::runtime_error("there is no such verb");
  }
}

/// What is called in rounds. All of it is on one session.
struct Subject {
  std::string table;
  bytestore::CassandraOptions options;
  std::unique_ptr<CassandraByteStore> store;
};

/// The line of a round that sets up a table of its own.
std::string opening_of(const Subject& subject, int round) {
  try {
    const CassandraByteStore fresh(subject.table + '_' + std::to_string(round), subject.options);
    return ".";
  } catch (const bytestore::Error& error) {
    return "f " + std::string(to_string(error.code()));
  }
}

/// The line, without its end.
std::string round_of(ByteStore& store, std::string_view verb,
                     const std::vector<std::string>& keys) {
  std::string marks(keys.size(), '.');
  std::set<std::string_view> codes;
  try {
    call(store, verb, keys, marks);
  } catch (const BatchError& error) {
    if (!error.values().empty()) mark_wrong(keys, error.values(), marks);
    for (const auto& failure : error.failures()) {
      marks.at(failure.index) = failure.outcome == bytestore::Outcome::failed ? 'f' : 'u';
      codes.insert(to_string(failure.code));
    }
  }
  for (const auto code : codes) marks.append(" ").append(code);
  return marks;
}

bool input_ended() {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return ::poll(&input, 1, 0) > 0;
}

Subject open_subject(const Asked& asked) {
  auto target = bytestore::cassandra_target(asked.uri);
  target.session.log = [](std::string_view message) {
    std::cerr << "call_in_rounds: " + std::string(message) + '\n';
  };
  target.store.session = bytestore::CassandraSession::connect(target.session);
  if (asked.speculative_delay.count() > 0) {
    target.store.speculative_delay = asked.speculative_delay;
  }
  auto store = std::make_unique<CassandraByteStore>(target.table, target.store);
  return {.table = target.table, .options = target.store, .store = std::move(store)};
}

void run_rounds(const Subject& subject, const Asked& asked) {
  for (int round = 0;; ++round) {
    if (round == asked.rounds) {
      if (asked.writes()) return;
      round = 0;
    }
    std::vector<std::string> keys;
    for (int i = 0; i != asked.keys_of_round; ++i) {
      keys.push_back(std::to_string(round) + '/' + std::to_string(i));
    }
    const auto line = asked.verb == "open" ? opening_of(subject, round)
                                           : round_of(*subject.store, asked.verb, keys);
    std::cout << line << std::endl;
    if (line.find('.') == std::string::npos || input_ended()) return;
  }
}

void run(const Asked& asked) {
  const auto subject = open_subject(asked);
  run_rounds(subject, asked);
  const auto stats = subject.store->stats();
  const auto& verb = asked.writes() ? stats.mset : stats.mget;
  std::cout << "# " << verb.retries << ' ' << verb.speculative << std::endl;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5 && argc != 6) {
    throw std::runtime_error(
        "usage: call_in_rounds URI mset|mget|open KEYS ROUNDS "
        "[SPECULATIVE_DELAY_MS]");
  }
  run({.uri = argv[1],
       .verb = argv[2],
       .keys_of_round = std::stoi(argv[3]),
       .rounds = std::stoi(argv[4]),
       .speculative_delay = std::chrono::milliseconds{argc == 6 ? std::stoi(argv[5]) : 0}});
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
