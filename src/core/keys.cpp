#include "core/keys.hpp"

#include <fmt/format.h>
#include <utf8.h>

#include "bytestore/error.hpp"
#include "bytestore/keys.hpp"

namespace bytestore {

std::optional<std::string> key_problem(std::string_view key) {
  if (key.empty()) return "is empty; a key has at least 1 byte";
  if (key.size() > kMaxKeyBytes) {
    return fmt::format("has {} bytes, over the limit of {}; store it under a hash of it",
                       key.size(), kMaxKeyBytes);
  }
  const auto bad = utf8::find_invalid(key.begin(), key.end());
  if (bad == key.end()) return std::nullopt;
  return fmt::format("is not valid UTF-8 at byte {}; encode it, for instance in base64",
                     bad - key.begin());
}

namespace core {
namespace {

void check_key(std::string_view key, std::size_t position, std::size_t batch_size) {
  const auto problem = key_problem(key);
  if (!problem) return;
  throw Error(ErrorCode::invalid_argument,
              fmt::format("key {} of {} (counted from 0) {}; nothing of this call was done",
                          position, batch_size, *problem));
}

}  // namespace

void check_keys(std::span<const std::string_view> keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) check_key(keys[i], i, keys.size());
}

void check_keys(std::span<const EntryRef> entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) check_key(entries[i].key, i, entries.size());
}

std::optional<std::string> prefix_upper_bound(std::string_view prefix) {
  std::string bound(prefix);
  while (!bound.empty() && bound.back() == '\xFF') bound.pop_back();
  if (bound.empty()) return std::nullopt;
  bound.back() = static_cast<char>(static_cast<unsigned char>(bound.back()) + 1);
  return bound;
}

}  // namespace core
}  // namespace bytestore
