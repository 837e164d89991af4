/// A plan against a table that a test makes up: the answers are what a server would give.

#include "cassandra/policy/scan_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <span>
#include <string>

#include "support/keys_of_token.hpp"
#include "unit/support/rings.hpp"
#include "unit/support/scan_walk.hpp"

namespace bytestore::cassandra {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

constexpr ScanPlan::Clock::time_point kNow{std::chrono::hours{1}};

class ScanPlanTest : public ::testing::Test {
 protected:
  static ScanPlan::Part* begin(ScanPlan& plan) { return plan.begin(kNow, kNow); }

  /// The attempt at a part failed, and its retry is due at once.
  static RetryDecision fail(ScanPlan& plan, ScanPlan::Part& part, DriverErrorCode code) {
    const auto decision =
        plan.failed(part, {.code = code}, {.now = kNow, .alive = kNow, .jitter = 0});
    if (decision.retry_at) plan.wake(*decision.retry_at);
    return decision;
  }

  /// Fills the table with so many keys.
  void fill(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      std::string key = "key " + std::to_string(i);
      auto token = ring_.token_of(key);
      table_.emplace(std::move(token), std::move(key));
    }
  }

  [[nodiscard]] std::vector<std::string> keys_in_order() const {
    std::vector<std::string> keys;
    for (const auto& [token, key] : table_) keys.push_back(key);
    return keys;
  }

  /// Answers a page of `part` as a server would: rows after those of the page before, which the
  /// paging state names.
  void answer(ScanPlan& plan, ScanPlan::Part& part) {
    ++requests_;
    auto row = first_after(table_, part.range.after);
    if (!part.paging_state.empty() && part.paging_state != "some place") {
      const auto& last = part.paging_state;
      row = table_.upper_bound({ring_.token_of(last), last});
    }
    std::vector<std::string_view> keys;
    for (; row != table_.end() && row->first <= part.range.last; ++row) {
      if (keys.size() == page_rows_) break;
      keys.emplace_back(row->second);
    }
    const bool more = row != table_.end() && row->first <= part.range.last;
    plan.answered(part, keys, more ? std::string(keys.back()) : "");
  }

  /// Reads to the end, answering the parts that are read at a time in an order of chance; some
  /// requests fail, and their parts are split or read again.
  std::vector<std::string> walk(ScanPlan& plan, double failing = 0) {
    std::vector<std::string> keys;
    std::vector<ScanPlan::Part*> reading;
    std::uniform_real_distribution<> chance(0, 1);
    while (!plan.finished()) {
      while (auto* const part = begin(plan)) reading.push_back(part);
      most_reading_ = std::max(most_reading_, reading.size());
      EXPECT_FALSE(reading.empty() && !plan.finished());
      if (!reading.empty()) {
        std::swap(reading[random_() % reading.size()], reading.back());
        auto& part = *reading.back();
        reading.pop_back();
        if (chance(random_) < failing) {
          fail(plan, part, DriverErrorCode::read_failure);
        } else {
          answer(plan, part);
        }
      }
      while (auto page = plan.take()) {
        EXPECT_THAT(*page, ::testing::Not(IsEmpty()));
        std::ranges::move(*page, std::back_inserter(keys));
      }
    }
    return keys;
  }

  /// Reads up to the part that has `token`, which is returned to be read.
  ScanPlan::Part& read_to(ScanPlan& plan, const Token& token, std::vector<std::string>& keys) {
    for (;;) {
      auto& part = *begin(plan);
      if (token > part.range.after && token <= part.range.last) return part;
      answer(plan, part);
      take(plan, keys);
    }
  }

  static void take(ScanPlan& plan, std::vector<std::string>& keys) {
    while (auto page = plan.take()) std::ranges::move(*page, std::back_inserter(keys));
  }

  /// A part that is read fails as too much, and is to be read again in halves.
  static void halve(ScanPlan& plan, ScanPlan::Part& part) {
    const Token last = part.range.last;
    fail(plan, part, DriverErrorCode::read_failure);
    ASSERT_LT(part.range.last, last);
  }

  const Ring& ring_ = murmur3_ring();
  ScanTable table_;
  std::size_t page_rows_ = 1'000;
  std::mt19937 random_{7};  // NOLINT(cert-msc51-cpp): the same each time
  std::size_t requests_ = 0;
  std::size_t most_reading_ = 0;
};

TEST_F(ScanPlanTest, AnEmptyTableTakesAFewRequests) {
  ScanPlan plan(ring_, "", "", {});
  EXPECT_THAT(walk(plan), IsEmpty());
  EXPECT_LE(requests_, 64U);
  EXPECT_EQ(most_reading_, 4U);
  EXPECT_FALSE(plan.take());
  EXPECT_EQ(begin(plan), nullptr);
}

TEST_F(ScanPlanTest, GivesEachKeyOnceInTheOrderOfTheRing) {
  for (const std::size_t count : {1U, 10U, 5'000U, 100'000U}) {
    table_.clear();
    fill(count);
    ScanPlan plan(ring_, "", "", {});
    EXPECT_THAT(walk(plan), ElementsAreArray(keys_in_order()));
  }
}

TEST_F(ScanPlanTest, MostPartsAreOnePage) {
  fill(100'000);
  ScanPlan plan(ring_, "", "", {});
  walk(plan);
  EXPECT_LE(requests_, 100'000 / 800 * 1.2);
}

TEST_F(ScanPlanTest, FailuresLoseAndRepeatNoKey) {
  fill(20'000);
  for (const double failing : {0.1, 0.3}) {
    ScanPlan plan(ring_, "", "", {});
    EXPECT_THAT(walk(plan, failing), ElementsAreArray(keys_in_order()));
  }
}

TEST_F(ScanPlanTest, GoesOnAfterAnyKey) {
  fill(3'000);
  const auto keys = keys_in_order();
  for (const std::ptrdiff_t at : {0, 1, 999, 1'500, 2'999}) {
    ScanPlan plan(ring_, "", *(keys.begin() + at), {});
    EXPECT_THAT(walk(plan), ElementsAreArray(keys.begin() + at + 1, keys.end()));
    ScanPlan failing(ring_, "", *(keys.begin() + at), {});
    EXPECT_THAT(walk(failing, 0.3), ElementsAreArray(keys.begin() + at + 1, keys.end()));
  }
}

TEST_F(ScanPlanTest, GoesOnAfterAKeyThatIsGone) {
  fill(100);
  const auto keys = keys_in_order();
  table_.erase({ring_.token_of(keys[50]), keys[50]});
  ScanPlan plan(ring_, "", keys[50], {});
  EXPECT_THAT(walk(plan), ElementsAreArray(keys.begin() + 51, keys.end()));
}

TEST_F(ScanPlanTest, GivesOnlyKeysWithThePrefix) {
  fill(10'000);
  auto keys = keys_in_order();
  std::erase_if(keys, [](const auto& key) { return !key.starts_with("key 77"); });
  ScanPlan plan(ring_, "key 77", "", {});
  EXPECT_THAT(walk(plan), ElementsAreArray(keys));
}

TEST_F(ScanPlanTest, HoldsAFewPages) {
  fill(100'000);
  ScanPlan plan(ring_, "", "", {});
  std::size_t held = 0;
  ScanPlan::Part* const first = begin(plan);
  while (auto* const part = begin(plan)) {  // nobody takes the pages, and the first part is slow
    answer(plan, *part);
    ++held;
  }
  EXPECT_LE(held, 8U);
  answer(plan, *first);
  EXPECT_TRUE(plan.take());
}

TEST_F(ScanPlanTest, FailuresNowAndThenCostLittle) {
  fill(100'000);
  ScanPlan plan(ring_, "", "", {});
  walk(plan, 0.05);
  EXPECT_LE(requests_, 100'000 / 800 * 3);
}

TEST_F(ScanPlanTest, ThePlaceOfAPageWithoutKeysIsNotKnown) {
  fill(3'000);
  ScanPlan plan(ring_, "", "", {});
  std::vector<std::string> keys;
  plan.answered(read_to(plan, murmur3_token(0), keys), {}, "some place");
  halve(plan, *begin(plan));
  std::ranges::move(walk(plan), std::back_inserter(keys));
  EXPECT_THAT(keys, ElementsAreArray(keys_in_order()));
}

TEST_F(ScanPlanTest, APageWithoutKeysTellsNothingOfHowManyThereAre) {
  ScanPlan plan(ring_, "", "", {});
  auto& part = *begin(plan);
  const auto width = ring_.share(part.range);
  plan.answered(part, {}, "some place");
  static_cast<void>(begin(plan));  // the same one
  EXPECT_EQ(ring_.share(begin(plan)->range), width) << "as if it had not been read";
}

TEST_F(ScanPlanTest, KeysBeforeACursorMayFollowAPageWithoutKeys) {
  ScanPlan plan(ring_, "", "b", {});
  auto& part = *begin(plan);
  EXPECT_EQ(murmur3_number(part.range.after), token_of(as_bytes("b")) - 1)
      << "the token of the last key is read again";
  plan.answered(part, {}, "some place");
  ASSERT_EQ(begin(plan), &part);
  plan.answered(part, {"b"}, "");
  EXPECT_FALSE(plan.take()) << "it was given before";
}

class KeysOfOneTokenTest : public ScanPlanTest {
 protected:
  KeysOfOneTokenTest() {
    for (std::uint64_t number = 0; number < 10; ++number) {
      keys_.push_back(testing::KeysOfToken::key(kToken, number));
    }
    std::ranges::sort(keys_);
    for (const auto& key : keys_) table_.emplace(murmur3_token(kToken), key);
  }

  static constexpr std::int64_t kToken = 42;
  std::vector<std::string> keys_;
};

TEST_F(KeysOfOneTokenTest, AreGivenInTheOrderOfTheirBytes) {
  for (const auto& key : keys_) ASSERT_EQ(ring_.token_of(key), murmur3_token(kToken));
  ScanPlan plan(ring_, "", "", {});
  EXPECT_THAT(walk(plan), ElementsAreArray(keys_));
}

TEST_F(KeysOfOneTokenTest, AListingGoesOnAfterAnyOfThemWhereverPagesEnd) {
  for (page_rows_ = 1; page_rows_ <= 4; ++page_rows_) {
    for (std::size_t given = 1; given <= keys_.size(); ++given) {
      ScanPlan plan(ring_, "", keys_[given - 1], {});
      EXPECT_THAT(walk(plan), ElementsAreArray(std::span(keys_).subspan(given)));
    }
  }
}

TEST_F(KeysOfOneTokenTest, AreNeitherLostNorRepeatedByHalves) {
  page_rows_ = 3;
  for (const std::size_t given : {0U, 2U, 5U}) {
    ScanPlan plan(ring_, "", given == 0 ? "" : keys_[given - 1], {});
    std::vector<std::string> keys;
    answer(plan, read_to(plan, murmur3_token(kToken), keys));
    take(plan, keys);
    halve(plan, *begin(plan));
    std::ranges::move(walk(plan), std::back_inserter(keys));
    EXPECT_THAT(keys, ElementsAreArray(std::span(keys_).subspan(given)));
  }
}

}  // namespace
}  // namespace bytestore::cassandra
