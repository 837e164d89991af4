/// `yield_keys`: each live key once, by prefix, lazily.

#include <array>
#include <atomic>
#include <boost/asio/use_future.hpp>
#include <iterator>
#include <ranges>
#include <set>
#include <stop_token>
#include <thread>
#include <type_traits>

#include "bytestore/async.hpp"
#include "contract_test.hpp"

namespace bytestore::contract {
namespace {

using namespace std::string_literals;

static_assert(std::ranges::input_range<KeyView>);
static_assert(std::ranges::view<KeyView>);
static_assert(!std::ranges::forward_range<KeyView>);
static_assert(!std::is_copy_constructible_v<KeyView>);
// Its keys do not outlive its steps, so it cannot be borrowed as a batch.
static_assert(!std::is_constructible_v<KeyList, KeyView>);
static_assert(std::is_nothrow_move_constructible_v<KeyView>);

/// Over one page of any backend.
constexpr std::size_t kManyKeys = 2'500;

class Listing : public ContractTest {};

TEST_P(Listing, OfAnEmptyStoreIsEmpty) {
  EXPECT_EQ(walk(store().yield_keys()), std::vector<std::string>{});
  EXPECT_EQ(walk(store().yield_keys({.prefix = "a"})), std::vector<std::string>{});
}

TEST_P(Listing, GivesEachKeyOnce) {
  auto keys = numbered_keys("key", kManyKeys);
  store().mset(entries_of(keys));
  store().mset(entries_of(keys));
  std::ranges::sort(keys);
  EXPECT_EQ(sorted_keys(), keys);
}

TEST_P(Listing, LeavesOutWhatWasDeleted) {
  const auto keys = numbered_keys("key", kManyKeys);
  store().mset(entries_of(keys));
  store().mdelete(std::span(keys).subspan(1));
  EXPECT_EQ(sorted_keys(), std::vector<std::string>{keys[0]});
  store().mdelete({keys[0]});
  EXPECT_EQ(sorted_keys(), std::vector<std::string>{});
}

TEST_P(Listing, HasKeysOfEmptyValues) {
  store().mset({{"empty", Bytes()}});
  EXPECT_EQ(sorted_keys(), std::vector<std::string>{"empty"});
}

TEST_P(Listing, ByPrefixComparesBytes) {
  store().mset(entries_of({"a"s, "a\0"s, "a\0b"s, "ab"s, "b"s, "A"s, "\xC3\xA9"s, "\xC3\xBF"s,
                           "\xC4\x80"s, "e\xCC\x81"s, "\xF4\x8F\xBF\xBF"s}));
  const auto with_prefix = [&](const std::string& prefix) {
    return sorted_keys({.prefix = prefix});
  };
  using Expected = std::vector<std::string>;
  EXPECT_EQ(with_prefix("a"), (Expected{"a"s, "a\0"s, "a\0b"s, "ab"s}));
  EXPECT_EQ(with_prefix("a\0"s), (Expected{"a\0"s, "a\0b"s}));
  EXPECT_EQ(with_prefix("\0"s), Expected{});
  EXPECT_EQ(with_prefix("ab"), Expected{"ab"});
  EXPECT_EQ(with_prefix("abc"), Expected{});
  EXPECT_EQ(with_prefix("\xC3"), (Expected{"\xC3\xA9", "\xC3\xBF"}));  // half of a character
  EXPECT_EQ(with_prefix("e"), Expected{"e\xCC\x81"});
  EXPECT_EQ(with_prefix("\xF4\x8F\xBF\xBF"), Expected{"\xF4\x8F\xBF\xBF"});
  EXPECT_EQ(with_prefix("\xFF"), Expected{});
  EXPECT_EQ(with_prefix("\xFF\xFF"), Expected{});
  EXPECT_EQ(with_prefix("\xFF"
                        "bytestore"),
            Expected{});
  EXPECT_EQ(with_prefix(std::string(70'000, 'a')), Expected{});
  EXPECT_EQ(with_prefix("").size(), 11U);
}

TEST_P(Listing, ByPrefixOverSeveralPages) {
  auto keys = numbered_keys("b:", kManyKeys);
  store().mset(entries_of(keys));
  store().mset(entries_of(numbered_keys("a:", 1'500)));
  store().mset(entries_of(numbered_keys("c:", 1'500)));
  std::ranges::sort(keys);
  EXPECT_EQ(sorted_keys({.prefix = "b:"}), keys);
}

TEST_P(Listing, OfTheLongestKeys) {
  std::vector<std::string> keys;
  for (int i = 10; i < 60; ++i) keys.push_back(std::string(65'533, 'k') + std::to_string(i));
  store().mset(entries_of(keys));
  EXPECT_EQ(sorted_keys(), keys);
  EXPECT_EQ(sorted_keys({.prefix = keys[7]}), std::vector<std::string>{keys[7]});
}

TEST_P(Listing, ReadsNothingBeforeItBegins) {
  auto view = store().yield_keys();
  store().mset({{"a", text("1")}});
  EXPECT_EQ(walk(std::move(view)), std::vector<std::string>{"a"});
}

TEST_P(Listing, MayBeLeftEarly) {
  store().mset(entries_of(numbered_keys("key", kManyKeys)));
  std::set<std::string> seen;
  for (const auto& key : store().yield_keys() | std::views::take(3)) seen.insert(key);
  EXPECT_EQ(seen.size(), 3U);
  {
    auto left = store().yield_keys();
    static_cast<void>(left.begin());
  }
  const auto never_begun = store().yield_keys();
  EXPECT_EQ(sorted_keys().size(), kManyKeys);
}

TEST_P(Listing, BeginsOnce) {
  store().mset({{"a", text("1")}});
  auto view = store().yield_keys();
  EXPECT_EQ(*view.begin(), "a");
  EXPECT_EQ(code_of([&] { view.begin(); }), ErrorCode::invalid_argument);
}

TEST_P(Listing, SeveralAtOnceKeepTheirOwnPlace) {
  store().mset(entries_of(numbered_keys("key", kManyKeys)));
  auto first = store().yield_keys();
  auto second = store().yield_keys();
  auto one = first.begin();
  auto other = second.begin();
  std::size_t steps = 0;
  for (; one != first.end(); ++one, ++other, ++steps) ASSERT_NE(other, second.end());
  EXPECT_EQ(other, second.end());
  EXPECT_EQ(steps, kManyKeys);
}

TEST_P(Listing, FailsAtItsNextStepWhenItIsStopped) {
  store().mset(entries_of(numbered_keys("key", kManyKeys)));
  std::stop_source stop;
  auto view = store().yield_keys({.stop = stop.get_token()});
  auto key = view.begin();
  ++key;
  stop.request_stop();
  EXPECT_EQ(code_of([&] { ++key; }), ErrorCode::cancelled);
  auto never = store().yield_keys({.stop = stop.get_token()});
  EXPECT_EQ(code_of([&] { never.begin(); }), ErrorCode::cancelled);
}

TEST_P(Listing, FailsAtItsNextStepWhenItsStoreIsGone) {
  store().mset(entries_of(numbered_keys("key", 10)));
  auto view = store().yield_keys();
  auto key = view.begin();
  auto late = store().yield_keys();
  drop_store();
  EXPECT_EQ(code_of([&] { ++key; }), ErrorCode::cancelled);
  EXPECT_EQ(code_of([&] { late.begin(); }), ErrorCode::cancelled);
}

/// Where a `++` fails: in the middle of a page, and where it needs the next one.
constexpr std::array<std::size_t, 3> kStepsBeforeFailing{1, 999, 1'500};

TEST_P(Listing, IsAtItsEndOnceAStepHasFailedBecauseItIsStopped) {
  store().mset(entries_of(numbered_keys("key", kManyKeys)));
  const auto order = walk(store().yield_keys());
  for (const std::size_t steps : kStepsBeforeFailing) {
    std::stop_source stop;
    auto view = store().yield_keys({.stop = stop.get_token()});
    auto key = view.begin();
    for (std::size_t i = 0; i < steps; ++i) ++key;
    ASSERT_EQ(*key, order[steps]);
    stop.request_stop();
    for (int again = 0; again < 3; ++again) {
      EXPECT_EQ(code_of([&] { ++key; }), ErrorCode::cancelled);
      EXPECT_EQ(key, view.end());
    }
    EXPECT_EQ(code_of([&] { key++; }), ErrorCode::cancelled);
    EXPECT_EQ(key, view.end());
    auto rest = walk(store().yield_keys({.cursor = view.cursor()}));
    EXPECT_EQ(rest, std::vector<std::string>(order.begin() + static_cast<std::ptrdiff_t>(steps) + 1,
                                             order.end()));
  }
}

TEST_P(Listing, IsAtItsEndOnceAStepHasFailedBecauseTheStoreIsClosed) {
  for (const std::size_t steps : kStepsBeforeFailing) {
    reopen();
    store().mset(entries_of(numbered_keys("key", kManyKeys)));
    auto view = store().yield_keys();
    auto key = view.begin();
    for (std::size_t i = 0; i < steps; ++i) ++key;
    ASSERT_NE(key, view.end());
    if (steps == kStepsBeforeFailing.front()) {
      drop_store();
    } else {
      store().close();
    }
    for (int again = 0; again < 3; ++again) {
      EXPECT_EQ(code_of([&] { ++key; }), ErrorCode::cancelled);
      EXPECT_EQ(key, view.end());
    }
  }
}

TEST_P(Listing, IsAtItsEndOnceItWasMovedFrom) {
  store().mset(entries_of(numbered_keys("key", 10)));
  auto view = store().yield_keys();
  auto key = view.begin();
  ++key;
  const auto other = std::move(view);
  EXPECT_EQ(code_of([&] { ++key; }), ErrorCode::invalid_argument);
  EXPECT_EQ(key, view.end());  // NOLINT(bugprone-use-after-move): that is the point
}

/// The keys of a view until it ends or has given so many.
std::vector<std::string> take(KeyView& view, std::size_t count) {
  std::vector<std::string> keys;
  for (auto key = view.begin(); key != view.end(); ++key) {
    keys.push_back(*key);
    if (keys.size() == count) break;
  }
  return keys;
}

TEST_P(Listing, GoesOnAtACursorAfterTheStoreWasOpenedAgain) {
  const auto all = numbered_keys("key", kManyKeys);
  store().mset(entries_of(all));
  const auto order = walk(store().yield_keys());
  ASSERT_EQ(order.size(), kManyKeys);
  for (const std::size_t count : {1U, 999U, 1'000U, 1'001U, 2'500U}) {
    auto view = store().yield_keys();
    auto keys = take(view, count);
    const auto cursor = view.cursor();
    {
      const auto dropped = std::move(view);
    }
    if (!GetParam().exceptions.forgets_when_closed) reopen();
    std::ranges::copy(walk(store().yield_keys({.cursor = cursor})), std::back_inserter(keys));
    EXPECT_EQ(keys, order) << "after " << count;
  }
}

TEST_P(Listing, GoesOnAtACursorWithinAPrefix) {
  store().mset(entries_of(numbered_keys("a", 50)));
  store().mset(entries_of(numbered_keys("b", 50)));
  const auto order = walk(store().yield_keys({.prefix = "b"}));
  auto view = store().yield_keys({.prefix = "b"});
  auto keys = take(view, 20);
  std::ranges::copy(walk(store().yield_keys({.prefix = "b", .cursor = view.cursor()})),
                    std::back_inserter(keys));
  EXPECT_EQ(keys, order);
}

TEST_P(Listing, GoesOnAtACursorAlthoughItsKeyIsGone) {
  store().mset(entries_of(numbered_keys("key", 100)));
  const auto order = walk(store().yield_keys());
  auto view = store().yield_keys();
  take(view, 40);
  store().mdelete({order[39], order[40]});
  EXPECT_EQ(walk(store().yield_keys({.cursor = view.cursor()})),
            std::vector<std::string>(order.begin() + 41, order.end()));
}

TEST_P(Listing, HasACursorBeforeItsBeginningAndAtItsEnd) {
  store().mset(entries_of(numbered_keys("key", 10)));
  auto view = store().yield_keys();
  EXPECT_EQ(view.cursor(), "");
  const auto keys = take(view, 11);
  ASSERT_EQ(keys.size(), 10U);
  auto rest = store().yield_keys({.cursor = view.cursor()});
  const auto before = rest.cursor();
  EXPECT_EQ(before, view.cursor());
  EXPECT_EQ(take(rest, 1), std::vector<std::string>{});
  EXPECT_EQ(rest.cursor(), before);
}

TEST_P(Listing, OfAStreamHasCursors) {
  store().mset(entries_of(numbered_keys("key", 1'500)));
  const auto order = walk(store().yield_keys());
  auto stream = store().ayield_keys();
  EXPECT_EQ(stream.cursor(), "");
  std::vector<std::string> keys;
  for (int i = 0; i < 3; ++i) {
    keys.push_back(*stream.next(boost::asio::use_future).get());
  }
  const auto after_three = walk(store().yield_keys({.cursor = stream.cursor()}));
  EXPECT_EQ(after_three, std::vector<std::string>(order.begin() + 3, order.end()));
  const auto page = stream.next_page(boost::asio::use_future).get();
  const auto given = static_cast<std::ptrdiff_t>(3 + page.size());
  EXPECT_EQ(walk(store().yield_keys({.cursor = stream.cursor()})),
            std::vector<std::string>(order.begin() + given, order.end()));
}

TEST_P(Listing, RefusesACursorThatIsNone) {
  for (const auto* const cursor : {"x", "1b00000000", "1t51039A7261626"}) {
    EXPECT_EQ(code_of([&] { walk(store().yield_keys({.cursor = cursor})); }),
              ErrorCode::invalid_argument);
  }
}

TEST_P(Listing, SeesEachKeyOnceThatIsThereAllTheTime) {
  auto staying = numbered_keys("stays", kManyKeys);
  store().mset(entries_of(staying));
  const auto passing = entries_of(numbered_keys("passes", 500));
  std::atomic<bool> listed{false};
  std::jthread writer([&] {
    while (!listed) {
      store().mset(passing);
      store().mdelete(numbered_keys("passes", 500));
    }
  });
  std::ranges::sort(staying);
  for (int i = 0; i < 5; ++i) {
    auto seen = sorted_keys();
    EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end()) << "a key was listed twice";
    std::erase_if(seen, [](const auto& key) { return key.starts_with("passes"); });
    EXPECT_EQ(seen, staying);
  }
  listed = true;
}

INSTANTIATE_TEST_SUITE_P(Backends, Listing, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
