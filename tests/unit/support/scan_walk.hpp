#pragma once

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cassandra/policy/scan_plan.hpp"
#include "cassandra/ring/ring.hpp"

namespace bytestore::cassandra {

/// What comes of a request for a page.
enum class PageEnd {
  page,
  empty_page,  ///< without keys, and others may follow
  too_much,    ///< its range is to be split
  silence,     ///< its range is to be split from the second time on
  busy,        ///< it is to be read again as it is
  refused,     ///< it is given up, and the reader tries it again
};

/// What the servers and the reader of a listing do where several things may happen.
class ScanChoices {
 public:
  ScanChoices() = default;
  ScanChoices(const ScanChoices&) = delete;
  ScanChoices& operator=(const ScanChoices&) = delete;
  virtual ~ScanChoices() = default;

  virtual PageEnd page_end() = 0;
  /// Which of so many requests in flight is answered next.
  virtual std::size_t request(std::size_t count) = 0;
  /// Whether a retry that waits is due before that.
  virtual bool is_due() = 0;
  /// Whether the reader takes what is there.
  virtual bool takes() = 0;
  /// After how many of so many keys of a page the reader goes on with another plan, from one to all
  /// of them; nothing: it goes on with this one.
  virtual std::optional<std::size_t> leaves_after(std::size_t count) = 0;
};

/// The rows of a table by token, and by bytes among those of one token.
using ScanRow = std::pair<Token, std::string>;
using ScanTable = std::set<ScanRow>;

/// The first row whose token is after this one.
inline ScanTable::const_iterator first_after(const ScanTable& table, const Token& token) {
  return table.lower_bound({Token{token.bytes + '\0'}, {}});
}

/// Lists a table by plans, as its servers and its reader choose to behave. What no plan may do, or
/// no server would answer, is a `std::logic_error`.
class ScanWalk {
 public:
  ScanWalk(const Ring& ring, const ScanTable& table, std::size_t page_rows, std::string prefix,
           ScanChoices& choices)
      : ring_(ring),
        table_(table),
        page_rows_(page_rows),
        prefix_(std::move(prefix)),
        choices_(choices) {}

  /// What is given of the keys after the key `after`, or of all if that is empty.
  std::vector<std::string> keys(const std::string& after = {}) {
    for (;;) {
      ScanPlan plan(ring_, prefix_, given_.empty() ? after : given_.back(), {});
      if (read(plan)) return std::move(given_);
    }
  }

  /// What should be given.
  [[nodiscard]] std::vector<std::string> expected(const std::string& after = {}) const {
    const auto first =
        after.empty() ? table_.begin() : table_.upper_bound({ring_.token_of(after), after});
    std::vector<std::string> keys;
    std::for_each(first, table_.end(), [&](const ScanRow& row) {
      if (row.second.starts_with(prefix_)) keys.push_back(row.second);
    });
    return keys;
  }

 private:
  /// More steps than any walk of these tables takes.
  static constexpr int kMostSteps = 100'000;

  /// What a server keeps in a paging state.
  struct Place {
    TokenRange range;  // no server goes on with another one
    std::optional<ScanRow> after;
    bool is_answered = false;
  };

  /// Returns false if the reader goes on with another plan.
  bool read(ScanPlan& plan) {
    std::vector<ScanPlan::Part*> reading;
    while (!plan.finished()) {
      if (++steps_ > kMostSteps) throw std::logic_error("the listing does not come to an end");
      while (auto* const part = plan.begin(now_, now_)) reading.push_back(part);
      if (is_waiting(plan) && (reading.empty() || choices_.is_due())) {
        now_ = std::max(now_, plan.next_time());
        plan.wake(now_);
        continue;
      }
      if (!reading.empty()) {
        std::swap(reading[choices_.request(reading.size())], reading.back());
        ScanPlan::Part& part = *reading.back();
        reading.pop_back();
        serve(plan, part);
      }
      if (!reading.empty() && !choices_.takes()) continue;
      while (const auto page = plan.take()) {
        if (!take(*page)) return false;
      }
    }
    return true;
  }

  static bool is_waiting(const ScanPlan& plan) {
    return plan.next_time() != ScanPlan::Clock::time_point::max();
  }

  bool take(const ScanPlan::Page& page) {
    if (page.empty()) throw std::logic_error("a page without keys is given");
    const auto end = choices_.leaves_after(page.size());
    const auto count = static_cast<std::ptrdiff_t>(end.value_or(page.size()));
    std::copy_n(page.begin(), count, std::back_inserter(given_));
    return !end;
  }

  void serve(ScanPlan& plan, ScanPlan::Part& part) {
    switch (choices_.page_end()) {
      case PageEnd::page:
        return answer(plan, part, page_rows_);
      case PageEnd::empty_page:
        return answer(plan, part, 0);
      case PageEnd::too_much:
        return fail(plan, part, DriverErrorCode::read_failure);
      case PageEnd::silence:
        return fail(plan, part, DriverErrorCode::attempt_timeout);
      case PageEnd::busy:
        return fail(plan, part, DriverErrorCode::overloaded);
      case PageEnd::refused:
        return fail(plan, part, DriverErrorCode::unauthorized);
    }
  }

  void fail(ScanPlan& plan, ScanPlan::Part& part, DriverErrorCode code) const {
    plan.failed(part, {.code = code}, {.now = now_, .alive = now_, .jitter = 0});
  }

  void answer(ScanPlan& plan, ScanPlan::Part& part, std::size_t most) {
    std::optional<ScanRow> after;
    if (!part.paging_state.empty()) {
      auto& place = places_.at(std::stoul(part.paging_state));
      if (place.range != part.range) throw std::logic_error("a paging state of another range");
      if (std::exchange(place.is_answered, true)) throw std::logic_error("a page is read again");
      after = place.after;
    }
    auto row = after ? table_.upper_bound(*after) : first_after(table_, part.range.after);
    const auto is_in_part = [&] { return row != table_.end() && row->first <= part.range.last; };
    std::vector<std::string_view> keys;
    for (; is_in_part() && keys.size() < most; ++row) {
      keys.emplace_back(row->second);
      after = *row;
    }
    if (most > 0 && !is_in_part()) return plan.answered(part, keys, "");
    places_.push_back({.range = part.range, .after = after});
    plan.answered(part, keys, std::to_string(places_.size() - 1));
  }

  const Ring& ring_;
  const ScanTable& table_;
  std::size_t page_rows_;
  std::string prefix_;
  ScanChoices& choices_;
  std::vector<Place> places_;
  std::vector<std::string> given_;
  ScanPlan::Clock::time_point now_{std::chrono::hours{1}};
  int steps_ = 0;
};

}  // namespace bytestore::cassandra
