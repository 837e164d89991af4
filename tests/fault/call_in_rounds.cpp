/// Calls a store round after round, and says what it reports of each key:
///
///   call_in_rounds URI mset|mdelete|mget KEYS ROUNDS
///
/// Round R is one call with the keys R/0, R/1, ..., whose value is the key twenty times. It writes
/// a line with a character for each key: `.` it succeeded, `f` failed (certainly not applied), `u`
/// unknown; of `mget` also `w`, another value or none. A blank and the codes of the errors follow,
/// if there were any. It ends after the last round (of `mget` it begins again), after one of which
/// no key succeeded, or after the one in which standard input ends.

#include <poll.h>
#include <unistd.h>

#include <exception>
#include <iostream>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/open.hpp"

namespace {

using bytestore::BatchError;
using bytestore::ByteStore;

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
  } else if (verb == "mdelete") {
    store.mdelete(keys);
  } else if (verb == "mget") {
    mark_wrong(keys, store.mget(keys), marks);
  } else {
    throw std::runtime_error("there is no such verb");
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

void run(std::string_view uri, std::string_view verb, int keys_of_round, int rounds) {
  const auto store = bytestore::open(uri);
  for (int round = 0;; ++round) {
    if (round == rounds) {
      if (verb != "mget") return;
      round = 0;
    }
    std::vector<std::string> keys;
    for (int i = 0; i != keys_of_round; ++i) {
      keys.push_back(std::to_string(round) + '/' + std::to_string(i));
    }
    const auto line = round_of(*store, verb, keys);
    std::cout << line << std::endl;
    if (line.find('.') == std::string::npos || input_ended()) return;
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) {
    throw std::runtime_error("usage: call_in_rounds URI mset|mdelete|mget KEYS ROUNDS");
  }
  run(argv[1], argv[2], std::stoi(argv[3]), std::stoi(argv[4]));
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
