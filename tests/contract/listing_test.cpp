/// `yield_keys`: each live key once, by prefix, lazily.

#include <atomic>
#include <iterator>
#include <ranges>
#include <set>
#include <stop_token>
#include <thread>
#include <type_traits>

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
