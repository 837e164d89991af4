/// A store, driven by lines of hexadecimal on standard input, so that no key or value is out of
/// reach: hex_store URI mset|mget|mdelete|read. A line is a key, for `mset` followed by its value;
/// `-` is no byte. `mget` answers each line with the value, or with `absent`. `read` keeps the
/// store open, and answers each line at once: one of keys with their values in a line, an empty one
/// with all keys there are, and either with `error` and what it says instead.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <exception>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bytestore/open.hpp"

namespace {

std::string from_hex(std::string_view hex) {
  std::string bytes;
  if (hex == "-") return bytes;
  for (; !hex.empty(); hex.remove_prefix(2)) {
    unsigned char byte = 0;
    const auto end = std::from_chars(hex.data(), hex.data() + 2, byte, 16).ptr;
    if (hex.size() < 2 || end != hex.data() + 2) throw std::runtime_error("this is no hexadecimal");
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::string to_hex(const bytestore::Bytes& bytes) {
  std::string hex;
  for (const char byte : bytes.view())
    hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex.empty() ? "-" : hex;
}

std::string read(bytestore::ByteStore& store, const std::string& line) try {
  std::istringstream words(line);
  std::vector<std::string> keys;
  for (std::string word; words >> word;) keys.push_back(from_hex(word));
  std::vector<std::string> answer;
  if (keys.empty()) {
    for (const auto& key : store.yield_keys())
      answer.push_back(to_hex(bytestore::Bytes::copy(key)));
  } else {
    for (const auto& value : store.mget(keys)) answer.push_back(value ? to_hex(*value) : "absent");
  }
  return fmt::format("{}", fmt::join(answer, " "));
} catch (const bytestore::Error& error) {
  return fmt::format("error {}", error.what());
}

void run(std::string_view uri, std::string_view verb) {
  if (verb == "read") {
    const auto store = bytestore::open(uri);
    for (std::string line; std::getline(std::cin, line);) {
      std::cout << read(*store, line) << '\n' << std::flush;
    }
    return;
  }
  std::vector<std::string> keys;
  std::vector<bytestore::Entry> entries;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string key;
    std::string value;
    words >> key >> value;
    keys.push_back(from_hex(key));
    if (verb == "mset") entries.push_back({keys.back(), bytestore::Bytes::copy(from_hex(value))});
  }

  const auto store = bytestore::open(uri);
  if (verb == "mset") {
    store->mset(entries);
  } else if (verb == "mdelete") {
    store->mdelete(keys);
  } else if (verb == "mget") {
    for (const auto& value : store->mget(keys)) {
      std::cout << (value ? to_hex(*value) : "absent") << '\n';
    }
  } else {
    throw std::runtime_error("there is no such verb");
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw std::runtime_error("usage: hex_store URI mset|mget|mdelete|read");
  run(argv[1], argv[2]);
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
