#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "bytestore/bytes.hpp"

namespace bytestore {

/// One key and its value, borrowed from the caller. A blocking `mset` takes these. Both must live
/// until the call returns. A value is bytes: for a text, write `as_bytes(text)`.
struct EntryRef {
  std::string_view key;
  std::span<const std::byte> value;
};

/// One key and its value, owned. An asynchronous `amset` takes these. A value is bytes: for a text,
/// write `Bytes::copy(text)`.
struct Entry {
  std::string key;
  Bytes value;

  /// Borrows this entry, so that `mset({entry})` takes it.
  operator EntryRef() const noexcept {  // NOLINT(google-explicit-constructor)
    return {.key = key, .value = value};
  }
};

namespace detail {

/// A range whose elements keep their addresses while the range lives, so that the call may borrow
/// them.
template <typename Range>
concept StableRange = std::ranges::forward_range<Range> &&
                      (std::is_lvalue_reference_v<std::ranges::range_reference_t<Range>> ||
                       std::is_trivially_copyable_v<std::ranges::range_value_t<Range>>);

template <typename Range>
concept KeyRange = StableRange<Range> &&
                   std::convertible_to<std::ranges::range_reference_t<Range>, std::string_view>;

template <typename Range>
concept EntryRange = StableRange<Range> && requires(std::ranges::range_reference_t<Range> element) {
  { element.key } -> std::convertible_to<std::string_view>;
  { element.value } -> std::convertible_to<std::span<const std::byte>>;
};

template <typename Range>
concept PairRange = StableRange<Range> && requires(std::ranges::range_reference_t<Range> element) {
  { element.first } -> std::convertible_to<std::string_view>;
  { element.second } -> std::convertible_to<std::span<const std::byte>>;
};

}  // namespace detail

/// The keys of a blocking call, borrowed from any range of strings: `{"a", "b"}`, a
/// `vector<string>`, a `set<string_view>`. The strings must live until the call returns.
class KeyList {
 public:
  KeyList(std::initializer_list<std::string_view> keys) : keys_(keys) {}

  template <typename Range>
    requires(!std::same_as<std::remove_cvref_t<Range>, KeyList> && detail::KeyRange<Range>)
  // NOLINTNEXTLINE(google-explicit-constructor,bugprone-forwarding-reference-overload)
  KeyList(Range&& keys) {
    if constexpr (std::ranges::sized_range<Range>) keys_.reserve(std::ranges::size(keys));
    for (auto&& key : keys) keys_.emplace_back(std::string_view(key));
  }

  [[nodiscard]] std::span<const std::string_view> view() const noexcept { return keys_; }

 private:
  std::vector<std::string_view> keys_;
};

/// The entries of a blocking `mset`, borrowed from any range of `Entry`, `EntryRef` or pairs of a
/// string and bytes: `{{"a", bytes}}`, a `vector<Entry>`, a `map<string, Bytes>`. Keys and values
/// must live until the call returns. A value is bytes, never a string: for a text, write
/// `as_bytes(text)`.
class EntryList {
 public:
  EntryList(std::initializer_list<EntryRef> entries) : entries_(entries) {}

  template <typename Range>
    requires(!std::same_as<std::remove_cvref_t<Range>, EntryList> &&
             (detail::EntryRange<Range> || detail::PairRange<Range>))
  // NOLINTNEXTLINE(google-explicit-constructor,bugprone-forwarding-reference-overload)
  EntryList(Range&& entries) {
    if constexpr (std::ranges::sized_range<Range>) entries_.reserve(std::ranges::size(entries));
    for (auto&& entry : entries) {
      if constexpr (detail::EntryRange<Range>) {
        entries_.push_back({entry.key, entry.value});
      } else {
        entries_.push_back({entry.first, entry.second});
      }
    }
  }

  [[nodiscard]] std::span<const EntryRef> view() const noexcept { return entries_; }

 private:
  std::vector<EntryRef> entries_;
};

}  // namespace bytestore
