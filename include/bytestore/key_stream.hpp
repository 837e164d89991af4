#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

#include "bytestore/detail/abi_tag.hpp"

namespace bytestore {

namespace core {
class Listing;
}  // namespace core

/// The keys of a store as a move-only input range; made by `ByteStore::yield_keys`.
///
/// Nothing is read before `begin()`, which may succeed once. `begin()` and `++` read a page when
/// they need one, and may throw `Error`; either may be repeated then, and a `++` that failed leaves
/// the iterator at the end. A view that outlives its store throws `cancelled` there, one that was
/// moved from `invalid_argument`; moving a view ends the use of its iterators. Destroying the view
/// stops its work. One thread at a time.
class KeyView : public std::ranges::view_base {
 public:
  class Iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using difference_type = std::ptrdiff_t;
    using value_type = std::string;

    Iterator() noexcept = default;
    explicit Iterator(KeyView* view) noexcept : view_(view) {}

    /// The key; valid until the next `++`.
    const std::string& operator*() const noexcept { return view_->page_[view_->position_]; }
    Iterator& operator++() {
      view_->advance();
      return *this;
    }
    void operator++(int) { view_->advance(); }

    bool operator==(std::default_sentinel_t) const noexcept {
      return view_->position_ == view_->page_.size();
    }

   private:
    KeyView* view_ = nullptr;
  };

  explicit KeyView(std::unique_ptr<core::Listing> listing) noexcept;
  KeyView(KeyView&&) noexcept;
  KeyView& operator=(KeyView&&) noexcept;
  KeyView(const KeyView&) = delete;
  KeyView& operator=(const KeyView&) = delete;
  ~KeyView();

  Iterator begin();
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  /// Where a later listing goes on, for `KeysOptions::cursor`: after the key that the iterator is
  /// at, or after the last one at the end. A short text to be kept anywhere, also for another
  /// process. Keys that are written later at a place before it are not listed then.
  /// \throws Error `cancelled` if the store is closed.
  [[nodiscard]] std::string cursor() const;

 private:
  void advance();
  core::Listing& live_listing();

  std::unique_ptr<core::Listing> listing_;
  std::vector<std::string> page_;
  std::size_t position_ = 0;
  std::string last_key_;  // of the pages before
  bool begun_ = false;
};

/// The keys of a store as an asynchronous stream; made by `ByteStore::ayield_keys`.
///
/// Nothing is read before the first `next`. One `next` or `next_page` at a time: a second one while
/// the first is pending fails with `invalid_argument`, and so does a step of a stream that was
/// moved from. A stream that outlives its store fails with `cancelled`. Destroying the stream ends
/// a pending step with `cancelled` and stops its work.
class AsyncKeyStream {
 public:
  explicit AsyncKeyStream(std::shared_ptr<core::Listing> listing) noexcept;
  AsyncKeyStream(AsyncKeyStream&&) noexcept;
  AsyncKeyStream& operator=(AsyncKeyStream&&) noexcept;
  AsyncKeyStream(const AsyncKeyStream&) = delete;
  AsyncKeyStream& operator=(const AsyncKeyStream&) = delete;
  ~AsyncKeyStream();

  /// The next key, or nothing at the end. Signature: `void(std::exception_ptr,
  /// std::optional<std::string>)`. Defined in `async.hpp`.
  template <typename Token>
  auto next(Token&& token);

  /// The next keys, as many as are at hand; an empty vector at the end. Signature:
  /// `void(std::exception_ptr, std::vector<std::string>)`. Defined in `async.hpp`.
  template <typename Token>
  auto next_page(Token&& token);

  /// Like `KeyView::cursor`: after the last key that a step gave. Not during a step.
  [[nodiscard]] std::string cursor() const;

 private:
  std::shared_ptr<core::Listing> listing_;
};

}  // namespace bytestore
