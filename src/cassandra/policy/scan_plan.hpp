#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cassandra/driver/types.hpp"
#include "cassandra/policy/retry.hpp"

namespace bytestore::cassandra {

/// The tokens after `after`, up to and with `last`. Murmur3 gives no key the least token.
struct TokenRange {
  std::int64_t after = std::numeric_limits<std::int64_t>::min();
  std::int64_t last = std::numeric_limits<std::int64_t>::max();

  [[nodiscard]] std::uint64_t width() const noexcept {
    return static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(after);
  }

  friend bool operator==(const TokenRange&, const TokenRange&) = default;
};

/// A listing of all keys: which ranges of tokens to read next, a few at a time, and the keys in the
/// order of the ring, that of tokens and of bytes among keys of one token. Parts are as wide as a
/// page is likely to be long, by what was seen of the table, and narrower where the servers fail.
/// Decides only; not thread safe.
class ScanPlan {
 public:
  using Page = std::vector<std::string>;

  /// A range of tokens that is read page by page.
  struct Part {
    explicit Part(const TokenRange& its_range) : range(its_range) {}

    /// The attempts at the page, the first of which is at `now` unless there was one.
    Attempts& begun(Attempts::Clock::time_point now) {
      if (!attempts) attempts.emplace(now);
      return *attempts;
    }

    TokenRange range;
    std::string paging_state{};  ///< of the page before; empty: the first one
    std::string last_key{};  ///< the last of the pages before, or that the listing goes on after
    std::optional<Attempts> attempts{};  ///< at the page
    bool is_half = false;                ///< it has its time anew from its next attempt on
    std::optional<NodeId> node{};        ///< that the last of them went to

   private:
    friend class ScanPlan;
    bool is_idle = true;  // nobody reads it
    bool is_read = false;
    std::deque<Page> pages;
  };

  /// Of keys that begin with `prefix`, and come after the key `after` unless that is empty.
  ScanPlan(std::string prefix, std::string_view after);

  /// The next part to be read, which the caller reads from now on; null: there is none now.
  Part* begin();
  /// How many rows a page should have: fewer where keys are long, so that little is held.
  [[nodiscard]] std::int32_t page_rows() const noexcept;
  /// How many bytes one is expected to have.
  [[nodiscard]] std::size_t page_bytes() const noexcept;

  /// What came of it. A page was read, of these keys; more follow if there is a paging state.
  void answered(Part& part, const std::vector<std::string_view>& keys, std::string paging_state);
  /// Makes halves of what is left of a part that failed: `part` becomes the first one, and the
  /// caller has the other one too. Null: it is too narrow.
  Part* split(Part& part);
  /// It failed, and its page is to be read by a later `begin`. Until then no other part is begun in
  /// its place.
  void put_back(Part& part) noexcept {
    --reading_;
    part.is_idle = true;
  }

  /// The next keys in order; nothing while they are not there yet, and at the end.
  std::optional<Page> take();
  /// Whether all keys were taken.
  [[nodiscard]] bool finished();

 private:
  [[nodiscard]] bool has_room(const Part& part) const noexcept;
  [[nodiscard]] Part* carve();
  void learn(std::size_t keys, const TokenRange& seen) noexcept;
  void drop_finished();

  std::string prefix_;
  std::list<Part> parts_;  // in the order of their tokens; what follows them was not begun
  std::optional<std::int64_t> begun_to_ = TokenRange{}.after;  // nothing: the end of the ring
  std::string first_key_;    // of the first part: keys up to it are left out
  std::size_t reading_ = 0;  // parts that the caller has
  std::size_t pages_ = 0;    // held
  double width_;             // of the next part, in tokens
  double most_width_;
  double key_bytes_ = 0;  // the cautious mean of pages
};

}  // namespace bytestore::cassandra
