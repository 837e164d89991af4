/// A plan gives each key of any table once and in order, whatever the servers answer.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cassandra/driver/port.hpp"
#include "cassandra/policy/scan_plan.hpp"
#include "support/keys_of_token.hpp"

namespace bytestore::cassandra {
namespace {

using testing::KeysOfToken;

constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
constexpr auto kMost = std::numeric_limits<std::int64_t>::max();

constexpr ScanPlan::Clock::time_point kNow{std::chrono::hours{1}};

/// Failures and pages without keys of a walk: the narrower its parts are, the more steps it takes.
constexpr int kMostTroubles = 300;

/// More steps than any walk of these tables takes: a plan that needs them does not come to an end.
constexpr int kMostSteps = 100'000;

/// A table, and how its servers and its reader behave. Chances are in percent.
struct Listing {
  std::vector<std::pair<std::int64_t, std::uint64_t>> keys;  // their tokens, and numbers
  std::size_t page_rows{};
  int empty_page{};  // that the page has no keys although some follow
  int too_much{};    // that the page is a failure, and its part is to be split
  int failure{};     // that the page is a failure, and its part is to be read again as it is
  int resumption{};  // that the reader goes on with another plan, by its last key
  bool with_prefix{};
  std::uint32_t seed{};
};

std::ostream& operator<<(std::ostream& out, const Listing& listing) {
  out << "keys ";
  rc::show(listing.keys, out);
  return out << " rows " << listing.page_rows << " empty " << listing.empty_page << " too much "
             << listing.too_much << " failure " << listing.failure << " resumption "
             << listing.resumption << " prefix " << listing.with_prefix << " seed " << listing.seed;
}

/// Tokens that keys often share: the ends of the ring, that of no bytes, their neighbours, and any.
rc::Gen<std::int64_t> tokens() {
  const std::vector<std::int64_t> meeting{kLeast, kLeast + 1, kLeast + 2, -1,   0,
                                          1,      2,          kMost - 1,  kMost};
  return rc::gen::weightedOneOf<std::int64_t>(
      {{3, rc::gen::elementOf(meeting)},
       {2, rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::int64_t>())}});
}

rc::Gen<Listing> listings() {
  // Few and many: parts of which nothing else is told than that they are too much are rare else.
  const auto chance = rc::gen::element(0, 10, 50, 80);
  const auto key = rc::gen::pair(tokens(), rc::gen::inRange<std::uint64_t>(0, 30));
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 60), [=](std::size_t count) {
    return rc::gen::build<Listing>(
        rc::gen::set(
            &Listing::keys,
            rc::gen::container<std::vector<std::pair<std::int64_t, std::uint64_t>>>(count, key)),
        rc::gen::set(&Listing::page_rows, rc::gen::inRange<std::size_t>(1, 6)),
        rc::gen::set(&Listing::empty_page, chance), rc::gen::set(&Listing::too_much, chance),
        rc::gen::set(&Listing::failure, chance),
        rc::gen::set(&Listing::resumption, rc::gen::element(0, 5, 20)),
        rc::gen::set(&Listing::with_prefix, rc::gen::element(false, false, true)),
        rc::gen::set(&Listing::seed, rc::gen::arbitrary<std::uint32_t>()));
  });
}

/// Walks a table as its servers and its reader behave.
class Walk {
 public:
  explicit Walk(const Listing& listing) : listing_(listing), random_(listing.seed) {
    for (const auto& [token, number] : listing.keys) {
      std::string key = KeysOfToken::key(token, number);
      RC_ASSERT(token_of(as_bytes(key)) == (token == kLeast ? kMost : token));
      table_.emplace(token_of(as_bytes(key)), std::move(key));
    }
    if (listing.with_prefix && !table_.empty()) prefix_ = table_.begin()->second.substr(0, 1);
  }

  [[nodiscard]] std::vector<std::string> expected() const {
    std::vector<std::string> keys;
    for (const auto& [token, key] : table_) {
      if (key.starts_with(prefix_)) keys.push_back(key);
    }
    return keys;
  }

  std::vector<std::string> keys() {
    for (;;) {
      ScanPlan plan(prefix_, given_.empty() ? std::string() : given_.back(), {});
      if (read(plan)) return std::move(given_);
    }
  }

 private:
  using Row = std::pair<std::int64_t, std::string>;

  bool happens(int percent) { return std::bernoulli_distribution(percent / 100.0)(random_); }
  bool has_trouble(int percent) {
    return troubles_ < kMostTroubles && happens(percent) && ++troubles_ > 0;
  }

  /// Returns false if the reader goes on with another plan.
  bool read(ScanPlan& plan) {
    std::vector<ScanPlan::Part*> reading;
    while (!plan.finished()) {
      RC_ASSERT(++steps_ < kMostSteps);
      while (auto* const part = plan.begin(kNow, kNow)) reading.push_back(part);
      if (!reading.empty()) {
        std::swap(reading[random_() % reading.size()], reading.back());
        ScanPlan::Part& part = *reading.back();
        reading.pop_back();
        serve(plan, part);
      }
      if (!reading.empty() && happens(30)) continue;  // a slow reader
      while (auto page = plan.take()) {
        RC_ASSERT(!page->empty());
        std::ranges::move(*page, std::back_inserter(given_));
        if (has_trouble(listing_.resumption)) return false;
      }
    }
    return true;
  }

  [[nodiscard]] bool has_keys(const TokenRange& range) const {
    const auto row = table_.lower_bound({range.after + 1, {}});
    return row != table_.end() && row->first <= range.last;
  }

  void serve(ScanPlan& plan, ScanPlan::Part& part) {
    if (!has_keys(part.range)) return plan.answered(part, {}, "");
    if (has_trouble(listing_.failure)) {
      return fail(plan, part,
                  happens(50) ? DriverErrorCode::overloaded : DriverErrorCode::unauthorized);
    }
    if (has_trouble(listing_.too_much)) return fail(plan, part, DriverErrorCode::read_failure);
    answer(plan, part);
  }

  /// The retry, if one follows, is due at once.
  static void fail(ScanPlan& plan, ScanPlan::Part& part, DriverErrorCode code) {
    plan.failed(part, {.code = code}, {.now = kNow, .alive = kNow, .jitter = 0});
    plan.wake(kNow + std::chrono::hours{1});
  }

  /// A paging state is the number of a row after which the next page begins, or of none.
  void answer(ScanPlan& plan, ScanPlan::Part& part) {
    std::optional<Row> after;
    if (!part.paging_state.empty()) after = pages_.at(std::stoul(part.paging_state));
    const auto first = table_.lower_bound({part.range.after + 1, {}});
    auto row =
        after && *after >= Row{part.range.after + 1, {}} ? table_.upper_bound(*after) : first;
    const auto is_in_part = [&] { return row != table_.end() && row->first <= part.range.last; };
    std::vector<std::string_view> keys;
    if (!has_trouble(listing_.empty_page)) {
      for (; is_in_part() && keys.size() < listing_.page_rows; ++row) {
        keys.emplace_back(row->second);
        after = *row;
      }
      if (!is_in_part()) return plan.answered(part, keys, "");
    }
    pages_.push_back(after.value_or(Row{kLeast, {}}));
    plan.answered(part, keys, std::to_string(pages_.size() - 1));
  }

  const Listing& listing_;
  std::mt19937 random_;
  std::set<Row> table_;
  std::string prefix_;
  std::vector<Row> pages_;
  std::vector<std::string> given_;
  int troubles_ = 0;
  int steps_ = 0;
};

TEST(ScanPlanProperties, EachKeyIsGivenOnceInTheOrderOfTheRing) {
  const bool holds = rc::check("each key is given once, in the order of the ring", [] {
    const auto listing = *listings();
    Walk walk(listing);
    RC_ASSERT(walk.keys() == walk.expected());
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace bytestore::cassandra
