// Cursors of listings: each gives its key back, and no other text is accepted, nor one that was
// changed in a byte or is of another order of keys.

#include "core/cursor.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "fuzz.hpp"

namespace bytestore::fuzz {
namespace {

using core::KeyOrder;

constexpr std::array kOrders{KeyOrder::token, KeyOrder::random_token, KeyOrder::bytes};

std::optional<std::string> decoded(KeyOrder order, std::string_view text) {
  std::optional<std::string> key;
  refusal_of([&] { key = core::decode_cursor(order, text); });
  return key;
}

void check_text(std::string_view text) {
  for (const auto order : kOrders) {
    const auto key = decoded(order, text);
    require(!key || core::encode_cursor(order, *key) == text, "only what was encoded is decoded");
  }
}

void check_key(std::string_view key) {
  if (key.empty()) return;
  for (const auto order : kOrders) {
    const auto cursor = core::encode_cursor(order, key);
    for (const auto other : kOrders) {
      require(decoded(other, cursor) ==
                  (order == other ? std::optional(std::string(key)) : std::nullopt),
              "a cursor gives its key back, to a listing of its order");
    }
    auto changed = cursor;
    auto& byte = changed[static_cast<unsigned char>(key.front()) % changed.size()];
    byte = static_cast<char>(byte ^ std::max(1, key.back() & 0x7F));
    require(!decoded(order, changed), "a cursor that was changed is refused");
    require(!decoded(order, cursor.substr(0, cursor.size() - 1)), "half a cursor is refused");
    require(!decoded(order, cursor + cursor.back()), "a cursor with more behind it is refused");
  }
}

}  // namespace

void check(std::string_view input) {
  check_text(input);
  check_key(input);
}

}  // namespace bytestore::fuzz
