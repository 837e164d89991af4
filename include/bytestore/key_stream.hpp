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

/// The keys of a store, as a move-only input range. `ByteStore::yield_keys` makes it.
///
/// Nothing is read before `begin()`, which may succeed only once. `begin()` and `++` read a page
/// when they need one, and may throw `Error`. Either may be repeated after it has thrown. A `++`
/// that has thrown, for whatever reason, leaves the iterator at the end: it equals `end()`, and
/// `cursor` continues after the last key that it gave; repeated, it goes on there. If the store is
/// closed or the listing stopped before the view ends, they throw `cancelled`, each time; if the
/// view was moved from, `invalid_argument`. Moving a view
/// invalidates its iterators. Destroying the view stops its work. Only one thread at a time may use
/// a view.
class KeyView : public std::ranges::view_base {
 public:
  class Iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using difference_type = std::ptrdiff_t;
    using value_type = std::string;

    Iterator() noexcept = default;
    explicit Iterator(KeyView* view) noexcept : view_(view) {}

    /// Returns the key. The reference is valid until the next `++`. Not at the end.
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

  /// Returns a cursor from which a later listing continues (`KeysOptions::cursor`): after the key
  /// that the iterator points to, or after the last key if the iterator is at the end. A cursor is
  /// a short text that you may keep anywhere, also for another process. The later listing does not
  /// give keys that were written in the meantime at a place before the cursor.
  /// \throws Error `cancelled` if the store is closed.
  [[nodiscard]] std::string cursor() const;

 private:
  void advance();
  void leave_page() noexcept;
  core::Listing& live_listing();

  std::unique_ptr<core::Listing> listing_;
  std::vector<std::string> page_;
  std::size_t position_ = 0;
  std::string last_key_;  // of the pages before
  bool begun_ = false;
};

/// The keys of a store, as an asynchronous stream. `ByteStore::ayield_keys` makes it.
///
/// Nothing is read before the first step (`next` or `next_page`). Only one step may be pending: a
/// second one fails with `invalid_argument`, and so does a step of a stream that was moved from. If
/// the store is closed, a step fails with `cancelled`. Destroying the stream cancels a pending
/// step, which fails with `cancelled`, and stops the stream's work.
class AsyncKeyStream {
 public:
  explicit AsyncKeyStream(std::shared_ptr<core::Listing> listing) noexcept;
  AsyncKeyStream(AsyncKeyStream&&) noexcept;
  AsyncKeyStream& operator=(AsyncKeyStream&&) noexcept;
  AsyncKeyStream(const AsyncKeyStream&) = delete;
  AsyncKeyStream& operator=(const AsyncKeyStream&) = delete;
  ~AsyncKeyStream();

  /// Completes with the next key, or with nothing at the end. Signature: `void(std::exception_ptr,
  /// std::optional<std::string>)`. Defined in `async.hpp`.
  template <typename Token>
  auto next(Token&& token);

  /// Completes with the next keys, as many as have been read; with an empty vector at the end.
  /// Signature: `void(std::exception_ptr, std::vector<std::string>)`. Defined in `async.hpp`.
  template <typename Token>
  auto next_page(Token&& token);

  /// Like `KeyView::cursor`: the listing continues after the last key that a step gave. Must not be
  /// called while a step is pending.
  [[nodiscard]] std::string cursor() const;

 private:
  std::shared_ptr<core::Listing> listing_;
};

}  // namespace bytestore
