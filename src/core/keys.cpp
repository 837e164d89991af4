#include "core/keys.hpp"

#include <fmt/format.h>
#include <utf8.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "bytestore/error.hpp"
#include "bytestore/keys.hpp"

namespace bytestore {

namespace {

/// What is wrong with a key: in words, and what to do about it.
struct Fault {
  std::string what;
  std::string_view remedy;
};

/// Most keys are ASCII; of them, eight bytes are looked at at a time.
bool is_ascii(std::string_view text) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;
  for (; text.size() >= sizeof(kHighBits); text.remove_prefix(sizeof(kHighBits))) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data(), sizeof(bytes));
    if ((bytes & kHighBits) != 0) return false;
  }
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::optional<Fault> fault_of(std::string_view key) {
  if (key.empty()) return Fault{.what = "is empty", .remedy = "a key has at least 1 byte"};
  if (key.size() > kMaxKeyBytes) {
    return Fault{
        .what = fmt::format("has {} bytes, over the limit of {}", key.size(), kMaxKeyBytes),
        .remedy = "store it under a hash of it"};
  }
  if (is_ascii(key)) return std::nullopt;
  const auto bad = utf8::find_invalid(key.begin(), key.end());
  if (bad == key.end()) return std::nullopt;
  return Fault{.what = fmt::format("is not valid UTF-8 at byte {}", bad - key.begin()),
               .remedy = "encode it, for instance in base64"};
}

}  // namespace

std::optional<std::string> key_problem(std::string_view key) {
  const auto fault = fault_of(key);
  if (!fault) return std::nullopt;
  return fmt::format("{}; {}", fault->what, fault->remedy);
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

std::optional<std::string> key_fault(std::string_view key) {
  auto fault = fault_of(key);
  if (!fault) return std::nullopt;
  return std::move(fault->what);
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
