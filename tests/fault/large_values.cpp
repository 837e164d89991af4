/// One call for many large values, and what came of it:
///
///   large_values URI mset|mget COUNT BYTES
///
/// The keys are 0, 1, ..., and each value is told by its key. The line that it writes has how many
/// keys succeeded (of `mget`: with their value), how many failed, how many are unknown, and how
/// many milliseconds the call took without connecting. The first failure follows on another line.

#include <chrono>
#include <cstddef>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytestore/open.hpp"

namespace {

using bytestore::BatchError;
using bytestore::ByteStore;

std::string value_of(std::size_t key, std::size_t bytes) {
  std::string value;
  value.reserve(bytes);
  for (std::size_t number = key + 1; value.size() < bytes;) {
    number = number * 6364136223846793005U + 1442695040888963407U;  // not to be compressed
    value.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  value.resize(bytes);
  return value;
}

struct Tally {
  std::size_t succeeded = 0;
  std::size_t failed = 0;
  std::size_t unknown = 0;
  std::string first{};

  void count(const BatchError& error, std::size_t keys) {
    for (const auto& failure : error.failures()) {
      ++(failure.outcome == bytestore::Outcome::unknown ? unknown : failed);
    }
    succeeded = keys - failed - unknown;
    first = error.failures().front().message;
  }
};

Tally write(ByteStore& store, const std::vector<std::string>& keys,
            const std::vector<std::string>& values) {
  std::vector<bytestore::Entry> entries;
  for (std::size_t i = 0; i != keys.size(); ++i) {
    entries.push_back({keys[i], bytestore::Bytes::copy(values[i])});
  }
  Tally tally{.succeeded = keys.size()};
  try {
    store.mset(entries);
  } catch (const BatchError& error) {
    tally.count(error, keys.size());
  }
  return tally;
}

Tally read(ByteStore& store, const std::vector<std::string>& keys,
           const std::vector<std::string>& values) {
  Tally tally;
  try {
    const auto found = store.mget(keys);
    for (std::size_t i = 0; i != keys.size(); ++i) {
      ++(found[i] && found[i]->view() == values[i] ? tally.succeeded : tally.failed);
    }
  } catch (const BatchError& error) {
    tally.count(error, keys.size());
  }
  return tally;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (arguments.size() != 4) return 2;
  try {
    const std::size_t count = std::stoul(std::string(arguments[2]));
    const std::size_t bytes = std::stoul(std::string(arguments[3]));
    std::vector<std::string> keys;
    std::vector<std::string> values;
    for (std::size_t i = 0; i != count; ++i) {
      keys.push_back(std::to_string(i));
      values.push_back(value_of(i, bytes));
    }
    const auto store = bytestore::open(std::string(arguments[0]));
    const auto begun = std::chrono::steady_clock::now();
    const Tally tally =
        arguments[1] == "mset" ? write(*store, keys, values) : read(*store, keys, values);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begun);
    std::cout << tally.succeeded << ' ' << tally.failed << ' ' << tally.unknown << ' '
              << took.count() << '\n'
              << tally.first << '\n';
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
