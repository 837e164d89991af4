/// A plan gives each key of small tables once and in order, in every course that a listing can take
/// with a few events that are out of the ordinary.

#include <gtest/gtest.h>

#include <cstdint>
#include <exception>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/keys_of_token.hpp"
#include "unit/support/rings.hpp"
#include "unit/support/scan_walk.hpp"

namespace bytestore::cassandra {
namespace {

using testing::KeysOfToken;

constexpr auto kMost = std::numeric_limits<std::int64_t>::max();

/// Goes through all sequences of choices with at most so many that are not the ordinary one, which
/// is the first of each.
class EveryChoice final : public ScanChoices {
 public:
  explicit EveryChoice(int most_events) : most_events_(most_events) {}

  /// Begins the next sequence. Returns false after the last one.
  bool next() {
    while (!choices_.empty() && choices_.back().chosen + 1 == choices_.back().count) {
      choices_.pop_back();
    }
    if (choices_.empty()) return false;
    ++choices_.back().chosen;
    position_ = 0;
    events_ = 0;
    return true;
  }

  /// The choices of this sequence, to find it again.
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const auto& choice : choices_) text += std::to_string(choice.chosen) + ' ';
    return text;
  }

  PageEnd page_end() override { return static_cast<PageEnd>(choose(6)); }
  std::size_t request(std::size_t count) override { return choose(count); }
  bool is_due() override { return choose(2) == 0; }
  bool takes() override { return choose(2) == 0; }
  std::optional<std::size_t> leaves_after(std::size_t count) override {
    const auto chosen = choose(count + 1);
    return chosen == 0 ? std::nullopt : std::optional(chosen);
  }

 private:
  struct Choice {
    std::size_t chosen;
    std::size_t count;
  };

  std::size_t choose(std::size_t count) {
    if (count == 1 || events_ == most_events_) return 0;
    if (position_ == choices_.size()) choices_.push_back({.chosen = 0, .count = count});
    const auto chosen = choices_[position_++].chosen;
    if (chosen != 0) ++events_;
    return chosen;
  }

  int most_events_;
  std::vector<Choice> choices_;  // each after the first is the first that it can be
  std::size_t position_ = 0;
  int events_ = 0;
};

class Table {
 public:
  /// Adds so many keys of this token; returns the last one.
  const std::string& add(std::int64_t token, int count = 1) {
    for (; count > 1; --count) add_one(token);
    return add_one(token);
  }

  [[nodiscard]] const ScanTable& rows() const noexcept { return rows_; }

 private:
  const std::string& add_one(std::int64_t token) {
    return rows_.emplace(murmur3_token(token), KeysOfToken::key(token, number_++)).first->second;
  }

  ScanTable rows_;
  std::uint64_t number_ = 0;
};

/// Lists the keys after `after` in every course. Returns how many courses there are.
int list_in_every_course(const ScanTable& table, const std::string& after, std::size_t page_rows,
                         int most_events, const Ring& ring = murmur3_ring()) {
  EveryChoice choices(most_events);
  int courses = 0;
  do {
    ++courses;
    ScanWalk walk(ring, table, page_rows, "", choices);
    try {
      if (walk.keys(after) == walk.expected(after)) continue;
      ADD_FAILURE() << "other keys than there are, by the choices " << choices.text();
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what() << ", by the choices " << choices.text();
    }
    break;  // others would say the same
  } while (choices.next());
  return courses;
}

/// The end of the ring is so narrow that its halves are the last that are made. Its keys are at the
/// places where a range may be cut, and in between.
TEST(ScanPlanOrders, OfANarrowRangeWithKeysOfOneToken) {
  constexpr std::int64_t kWidth = std::int64_t{1} << 48;
  constexpr std::int64_t kFirst = kMost - kWidth;
  Table table;
  table.add(kFirst, 4);
  const auto after = std::next(table.rows().begin())->second;
  table.add(kFirst + 1);
  table.add(kFirst - 1 + (kWidth + 1) / 2);  // the middle of the range
  table.add(kFirst + (kWidth + 1) / 2, 2);
  table.add(kMost, 2);
  EXPECT_GT(list_in_every_course(table.rows(), after, 1, 3), 20'000);
  EXPECT_GT(list_in_every_course(table.rows(), after, 2, 3), 10'000);
  EXPECT_GT(list_in_every_course(table.rows(), after, 3, 3), 5'000);
}

TEST(ScanPlanOrders, OfKeysOfOneTokenOnly) {
  Table table;
  table.add(kMost, 5);
  const auto after = table.rows().begin()->second;
  EXPECT_GT(list_in_every_course(table.rows(), after, 1, 3), 5'000);
  EXPECT_GT(list_in_every_course(table.rows(), after, 2, 4), 20'000);
}

TEST(ScanPlanOrders, OfSomePartsSideBySide) {
  constexpr std::int64_t kPart = std::int64_t{1} << 52;  // as wide as the first part of a plan
  Table table;
  const auto after = table.add(kMost - 3 * kPart);
  for (const auto token : {2 * kPart + 1, kPart + 1, kPart, kPart - 1, kPart / 2}) {
    table.add(kMost - token);
  }
  table.add(kMost, 2);
  EXPECT_GT(list_in_every_course(table.rows(), after, 1, 3), 50'000);
  EXPECT_GT(list_in_every_course(table.rows(), after, 2, 3), 10'000);
}

/// A part of which no key was read yet has not reached the token of no bytes, which is zero.
TEST(ScanPlanOrders, OfKeysAroundTheTokenOfNoBytes) {
  Table table;
  const auto after = table.add(-(std::int64_t{3} << 51));  // that token is in the second part
  for (const auto token : {-2, -1, 0, 1}) table.add(token);
  EXPECT_GT(list_in_every_course(table.rows(), after, 2, 2), 1'000);
}

/// Each key is its own token. Some are where ranges are halved, or begin alike.
TEST(ScanPlanOrders, OfKeysInTheOrderOfBytes) {
  using namespace std::string_view_literals;
  ScanTable table;
  for (const auto key : {"\0"sv, "\0\0"sv, "\x01"sv, "\x7f"sv, "\x80"sv, "k"sv, "k\0"sv, "k\x80"sv,
                         "\xf4\x8f\xbf\xbf"sv}) {
    table.emplace(byte_order_ring().token_of(key), key);
  }
  EXPECT_GT(list_in_every_course(table, "", 1, 3, byte_order_ring()), 20'000);
  EXPECT_GT(list_in_every_course(table, "\x01", 2, 3, byte_order_ring()), 3'000);
}

TEST(ScanPlanOrders, OfAnEmptyTableAndOfOneKey) {
  EXPECT_GT(list_in_every_course({}, "", 1, 1), 300);
  for (const auto token : {-kMost, std::int64_t{0}, kMost}) {
    Table table;
    table.add(token);
    EXPECT_GT(list_in_every_course(table.rows(), "", 1, 1), 300) << token;
  }
}

}  // namespace
}  // namespace bytestore::cassandra
