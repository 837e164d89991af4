#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cassandra/driver/types.hpp"
#include "cassandra/policy/replica_choice.hpp"
#include "cassandra/policy/retry.hpp"
#include "cassandra/ring/ring.hpp"

namespace bytestore::cassandra {

/// A listing of all keys: which ranges of tokens to read next, a few at a time, and the keys in the
/// order of the ring, that of tokens and of bytes among keys of one token. Parts are as wide as a
/// page is likely to be long, by what was seen of the table, and narrower where the servers fail;
/// where keys are not spread evenly over the ring, all of it is one part. A part that failed is
/// read again later, in two halves if it was too much for the servers. Decides only; not thread
/// safe.
class ScanPlan {
 public:
  using Clock = Attempts::Clock;
  using Page = std::vector<std::string>;

  /// A range of tokens that is read page by page.
  struct Part : Routed {
    explicit Part(TokenRange its_range) : range(std::move(its_range)) {}

    TokenRange range;
    std::string paging_state{};  ///< of the page before; empty: the first one
    std::string last_key{};  ///< the last of the pages before, or that the listing goes on after
    Attempts attempts{Clock::time_point{}};  ///< at the page

   private:
    friend class ScanPlan;
    bool is_attempted = false;     // `attempts` are those at the page to be read
    bool is_half_to_read = false;  // its give-up clock starts when it is read
    bool is_idle = true;           // nobody reads it, and it does not wait for its retry
    bool is_read = false;
    std::deque<Page> pages;
  };

  /// Of keys that begin with `prefix`, and come after the key `after` unless that is empty. Pages
  /// that fail are retried by `retries`. `ring` must outlive it.
  ScanPlan(const Ring& ring, std::string prefix, std::string_view after, const RetryRule& retries);

  [[nodiscard]] const Ring& ring() const noexcept { return *ring_; }

  /// The next part to be read, which the caller reads from `now` on; null: there is none now.
  /// `since` is when somebody began to wait for it, which starts the give-up clock of its page.
  Part* begin(Clock::time_point now, Clock::time_point since);
  /// How many rows a page should have: fewer where keys are long, so that little is held.
  [[nodiscard]] std::int32_t page_rows() const noexcept;
  /// How many bytes one is expected to have.
  [[nodiscard]] std::size_t page_bytes() const noexcept;

  // What came of a part that was read. One of these two must follow each `begin`.

  /// A page was read, of these keys; more follow if there is a paging state.
  void answered(Part& part, const std::vector<std::string_view>& keys, std::string paging_state);

  /// The attempt failed. The part is begun again after `wake` at the time of the decision, and no
  /// other part is begun in its place; a part that was too much for the servers becomes two halves,
  /// each of which has its own time. A part that is given up may be begun at once, with a new time.
  RetryDecision failed(Part& part, const DriverError& error, const RetryMoment& moment);

  /// When `wake` has something to do; `max()`: no part waits for its retry.
  [[nodiscard]] Clock::time_point next_time() const noexcept;
  /// Has parts begun again whose retry is due.
  void wake(Clock::time_point now);

  /// The next keys in order; nothing while they are not there yet, and at the end.
  std::optional<Page> take();
  /// Whether all keys were taken.
  [[nodiscard]] bool finished();

 private:
  [[nodiscard]] bool has_room(const Part& part) const noexcept;
  [[nodiscard]] Part* carve();
  [[nodiscard]] Part* split(Part& part);
  void put_back(Part& part) noexcept;
  void learn(std::size_t keys, const TokenRange& seen);
  [[nodiscard]] bool narrow_to_half(const TokenRange& range);
  void drop_finished();

  const Ring* ring_;
  std::string prefix_;
  RetryRule retries_;
  std::list<Part> parts_;          // in the order of their tokens; what follows them was not begun
  std::optional<Token> begun_to_;  // nothing: the end of the ring
  std::string first_key_;          // of the first part: keys up to it are left out
  std::multimap<Clock::time_point, Part*> later_;  // parts that wait for their retry
  std::size_t reading_ = 0;  // parts that the caller reads, or that wait for their retry
  std::size_t pages_ = 0;    // held
  double width_;             // of the next part: its share of the ring
  double most_width_;
  int halvings_ = 0;      // since a page was read
  double key_bytes_ = 0;  // the peak EWMA over pages
};

}  // namespace bytestore::cassandra
