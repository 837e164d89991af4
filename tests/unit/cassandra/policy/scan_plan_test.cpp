/// A plan against a table that a test makes up: the answers are what a server would give.

#include "cassandra/policy/scan_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <span>
#include <string>
#include <tuple>

#include "cassandra/driver/port.hpp"
#include "support/keys_of_token.hpp"

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
      const auto token = token_of(as_bytes(key));
      table_.emplace(token, std::move(key));
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
    auto row = table_.lower_bound({part.range.after + 1, {}});
    if (!part.paging_state.empty() && part.paging_state != "some place") {
      const auto& last = part.paging_state;
      row = table_.upper_bound({token_of(as_bytes(last)), last});
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
  ScanPlan::Part& read_to(ScanPlan& plan, std::int64_t token, std::vector<std::string>& keys) {
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
    const auto width = part.range.width();
    fail(plan, part, DriverErrorCode::read_failure);
    ASSERT_LT(part.range.width(), width);
  }

  std::set<std::pair<std::int64_t, std::string>> table_;
  std::size_t page_rows_ = 1'000;
  std::mt19937 random_{7};  // NOLINT(cert-msc51-cpp): the same each time
  std::size_t requests_ = 0;
  std::size_t most_reading_ = 0;
};

TEST_F(ScanPlanTest, AnEmptyTableTakesAFewRequests) {
  ScanPlan plan("", "", {});
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
    ScanPlan plan("", "", {});
    EXPECT_THAT(walk(plan), ElementsAreArray(keys_in_order()));
  }
}

TEST_F(ScanPlanTest, MostPartsAreOnePage) {
  fill(100'000);
  ScanPlan plan("", "", {});
  walk(plan);
  EXPECT_LE(requests_, 100'000 / 800 * 1.2);
}

TEST_F(ScanPlanTest, FailuresLoseAndRepeatNoKey) {
  fill(20'000);
  for (const double failing : {0.1, 0.3}) {
    ScanPlan plan("", "", {});
    EXPECT_THAT(walk(plan, failing), ElementsAreArray(keys_in_order()));
  }
}

TEST_F(ScanPlanTest, GoesOnAfterAnyKey) {
  fill(3'000);
  const auto keys = keys_in_order();
  for (const std::ptrdiff_t at : {0, 1, 999, 1'500, 2'999}) {
    ScanPlan plan("", *(keys.begin() + at), {});
    EXPECT_THAT(walk(plan), ElementsAreArray(keys.begin() + at + 1, keys.end()));
    ScanPlan failing("", *(keys.begin() + at), {});
    EXPECT_THAT(walk(failing, 0.3), ElementsAreArray(keys.begin() + at + 1, keys.end()));
  }
}

TEST_F(ScanPlanTest, GoesOnAfterAKeyThatIsGone) {
  fill(100);
  const auto keys = keys_in_order();
  table_.erase({token_of(as_bytes(keys[50])), keys[50]});
  ScanPlan plan("", keys[50], {});
  EXPECT_THAT(walk(plan), ElementsAreArray(keys.begin() + 51, keys.end()));
}

TEST_F(ScanPlanTest, GivesOnlyKeysWithThePrefix) {
  fill(10'000);
  auto keys = keys_in_order();
  std::erase_if(keys, [](const auto& key) { return !key.starts_with("key 77"); });
  ScanPlan plan("key 77", "", {});
  EXPECT_THAT(walk(plan), ElementsAreArray(keys));
}

TEST_F(ScanPlanTest, HoldsAFewPages) {
  fill(100'000);
  ScanPlan plan("", "", {});
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
  ScanPlan plan("", "", {});
  walk(plan, 0.05);
  EXPECT_LE(requests_, 100'000 / 800 * 3);
}

TEST_F(ScanPlanTest, ThePlaceOfAPageWithoutKeysIsNotKnown) {
  fill(3'000);
  ScanPlan plan("", "", {});
  std::vector<std::string> keys;
  plan.answered(read_to(plan, 0, keys), {}, "some place");
  halve(plan, *begin(plan));
  std::ranges::move(walk(plan), std::back_inserter(keys));
  EXPECT_THAT(keys, ElementsAreArray(keys_in_order()));
}

TEST_F(ScanPlanTest, APageWithoutKeysTellsNothingOfHowManyThereAre) {
  ScanPlan plan("", "", {});
  auto& part = *begin(plan);
  const auto width = part.range.width();
  plan.answered(part, {}, "some place");
  static_cast<void>(begin(plan));  // the same one
  EXPECT_EQ(begin(plan)->range.width(), width) << "as if it had not been read";
}

TEST_F(ScanPlanTest, KeysBeforeACursorMayFollowAPageWithoutKeys) {
  ScanPlan plan("", "b", {});
  auto& part = *begin(plan);
  EXPECT_EQ(part.range.after, token_of(as_bytes("b")) - 1)
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
    for (const auto& key : keys_) table_.emplace(kToken, key);
  }

  static constexpr std::int64_t kToken = 42;
  std::vector<std::string> keys_;
};

TEST_F(KeysOfOneTokenTest, AreGivenInTheOrderOfTheirBytes) {
  for (const auto& key : keys_) ASSERT_EQ(token_of(as_bytes(key)), kToken);
  ScanPlan plan("", "", {});
  EXPECT_THAT(walk(plan), ElementsAreArray(keys_));
}

TEST_F(KeysOfOneTokenTest, AListingGoesOnAfterAnyOfThemWhereverPagesEnd) {
  for (page_rows_ = 1; page_rows_ <= 4; ++page_rows_) {
    for (std::size_t given = 1; given <= keys_.size(); ++given) {
      ScanPlan plan("", keys_[given - 1], {});
      EXPECT_THAT(walk(plan), ElementsAreArray(std::span(keys_).subspan(given)));
    }
  }
}

TEST_F(KeysOfOneTokenTest, AreNeitherLostNorRepeatedByHalves) {
  page_rows_ = 3;
  for (const std::size_t given : {0U, 2U, 5U}) {
    ScanPlan plan("", given == 0 ? "" : keys_[given - 1], {});
    std::vector<std::string> keys;
    answer(plan, read_to(plan, kToken, keys));
    take(plan, keys);
    halve(plan, *begin(plan));
    std::ranges::move(walk(plan), std::back_inserter(keys));
    EXPECT_THAT(keys, ElementsAreArray(std::span(keys_).subspan(given)));
  }
}

}  // namespace
}  // namespace bytestore::cassandra
