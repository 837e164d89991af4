#include "cassandra/calls/key_listing.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <future>
#include <iterator>
#include <limits>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "cassandra/cql/big_endian.hpp"
#include "cassandra/policy/replica_choice.hpp"
#include "support/errors.hpp"
#include "support/keys_of_token.hpp"
#include "unit/support/table_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Page = std::vector<std::string>;

/// One step with the call that it belongs to, which ends with it: as an asynchronous step's does.
class OwnCallSink final : public core::Sink<core::PageResult> {
 public:
  explicit OwnCallSink(const core::Call& call) : call_(std::make_unique<core::Call>(call)) {}

  [[nodiscard]] const core::Call& call() const { return *call_; }
  [[nodiscard]] core::PageResult wait() { return result_.get_future().get(); }

  void done(core::PageResult result) noexcept override {
    call_.reset();
    result_.set_value(std::move(result));
  }

 private:
  std::unique_ptr<core::Call> call_;
  std::promise<core::PageResult> result_;
};

/// A bound of Murmur3's ring.
std::int64_t token_at(const FakeRequest& request, std::size_t position) {
  const auto& bound = std::get<std::string>(request.values.at(position));
  return read_integer<std::int64_t>(as_bytes(bound)).value();
}

class KeyListingTest : public TableRig {
 protected:
  void SetUp() override {
    TableRig::SetUp();
    scan = std::make_unique<KeyListing>(table_, "", "");
  }

  /// Asks for a page; its sink is the newest of `sinks`.
  KeepingSink<core::PageResult>& ask(CallOptions options = {}) {
    auto& sink = *sinks.emplace_back(std::make_unique<KeepingSink<core::PageResult>>());
    scan->next_page(call(std::move(options)), sink);
    return sink;
  }

  static Rows rows(const std::vector<std::string>& keys, std::string paging_state = "") {
    std::vector<std::vector<std::optional<std::string>>> cells;
    for (const auto& key : keys) cells.push_back({key});
    return make_rows(cells, std::move(paging_state));
  }

  /// Answers every range with one key, its first token, from now on.
  void answer_by_itself() {
    driver().by_itself = [this](const FakeRequest& request) {
      ++ranges;
      request.answer(rows({std::to_string(token_at(request, 0))}));
    };
  }

  /// Walks to the end, moving the clock where it has to wait; returns how many keys there are.
  std::size_t count() {
    std::size_t keys = 0;
    for (;;) {
      const auto& page = ask();
      while (!page.is_done()) timers_.advance(seconds{1});
      if (page.result().error) throw *page.result().error;
      if (page.result().keys.empty()) return keys;
      keys += page.result().keys.size();
    }
  }

  /// Walks to the end.
  Page walk() {
    Page all;
    for (;;) {
      const auto& page = ask().result();
      if (page.error) throw *page.error;
      if (page.keys.empty()) return all;
      std::ranges::copy(page.keys, std::back_inserter(all));
    }
  }

  std::size_t ranges = 0;
  std::unique_ptr<KeyListing> scan;
  std::vector<std::unique_ptr<KeepingSink<core::PageResult>>> sinks;
};

TEST_F(KeyListingTest, ReadsNothingBeforeItIsAsked) {
  EXPECT_EQ(driver().waiting(), 0U);
  const auto& page = ask();
  const auto request = driver().take();
  EXPECT_EQ(request.cql,
            "SELECT DISTINCT row_id FROM \"app\".\"kv\" "
            "WHERE token(row_id) > ? AND token(row_id) <= ?");
  EXPECT_EQ(request.options.page_size, 1'000);
  EXPECT_FALSE(page.is_done());
  request.answer(rows({"a", "b"}));
  EXPECT_THAT(page.result().keys, ElementsAre("a", "b"));
  while (driver().waiting() > 0) driver().take().answer();
}

TEST_F(KeyListingTest, WalksEveryRangeOnce) {
  answer_by_itself();
  auto keys = walk();
  EXPECT_THAT(keys, SizeIs(ranges));
  EXPECT_GT(ranges, 31U);
  std::ranges::sort(keys);
  EXPECT_TRUE(std::ranges::adjacent_find(keys) == keys.end());
  EXPECT_THAT(walk(), IsEmpty()) << "it stays at the end";
}

TEST_F(KeyListingTest, FollowsPages) {
  std::size_t pages = 0;
  driver().by_itself = [&](const FakeRequest& request) {
    if (request.paging_state.empty()) {
      ++ranges;
      return request.answer(rows({"k"}, "more"));
    }
    EXPECT_EQ(request.paging_state, "more");
    ++pages;
    request.answer(rows({"l"}));
  };
  const auto keys = count();
  EXPECT_EQ(keys, 2 * pages);
  EXPECT_EQ(pages, ranges);
}

TEST_F(KeyListingTest, GivesOnlyKeysWithThePrefix) {
  scan = std::make_unique<KeyListing>(table_, "a", "");
  driver().by_itself = [](const FakeRequest& request) {
    request.answer(token_at(request, 0) == INT64_MIN ? rows({"a", "ab", "b", "ba"}) : rows({"b"}));
  };
  EXPECT_THAT(walk(), ElementsAre("a", "ab"));
}

TEST_F(KeyListingTest, ReadsAheadOfItsReaderOnlyByAFewPages) {
  int asked = 0;
  driver().by_itself = [&](const FakeRequest& request) {
    ++asked;
    request.answer(rows({"k"}, "more"));
  };
  ask();
  EXPECT_LE(asked, 9);
  const int before = asked;
  ask();
  EXPECT_LE(asked, before + 2);
}

TEST_F(KeyListingTest, AFewRangesAreReadAtATime) {
  ask();
  EXPECT_EQ(driver().waiting(), 4U);
  while (driver().waiting() > 0) {
    driver().take().answer();
    EXPECT_LE(driver().waiting(), 4U);
  }
  EXPECT_THAT(sinks[0]->result().keys, IsEmpty());
}

TEST_F(KeyListingTest, AFailedPageIsReadAgain) {
  int failures = 0;
  driver().by_itself = [&](const FakeRequest& request) {
    if (request.paging_state.empty()) {
      ++ranges;
      return request.answer(rows({"k"}, "more"));
    }
    if (failures == 0) {
      ++failures;
      return request.fail(failure(DriverErrorCode::overloaded));
    }
    request.answer(rows({"l"}));
  };
  const auto keys = count();
  EXPECT_EQ(keys, 2 * ranges);
}

TEST_F(KeyListingTest, AnErrorIsToldAndTheNextStepGoesOn) {
  bool broken = true;
  driver().by_itself = [&](const FakeRequest& request) {
    if (broken) return request.fail(failure(DriverErrorCode::unauthorized));
    request.answer(rows({std::to_string(token_at(request, 0))}));
  };
  EXPECT_EQ(testing::code_of([&] { walk(); }), ErrorCode::unauthorized);
  broken = false;
  answer_by_itself();
  const auto keys = walk();
  EXPECT_THAT(keys, SizeIs(ranges));
  EXPECT_GT(ranges, 31U);
}

TEST_F(KeyListingTest, GivesUpInTime) {
  driver().by_itself = [&](const FakeRequest& request) {
    request.fail(failure(DriverErrorCode::read_timeout));
  };
  const auto& page = ask();
  for (int i = 0; i < 60 && !page.is_done(); ++i) timers_.advance(seconds{1});
  ASSERT_TRUE(page.is_done());
  EXPECT_EQ(page.result().error->code(), ErrorCode::timeout);
}

TEST_F(KeyListingTest, AStaleStatementIsPreparedAnew) {
  bool stale = true;
  driver().by_itself = [&](const FakeRequest& request) {
    if (std::exchange(stale, false)) {
      return request.fail(failure(DriverErrorCode::unprepared, false));
    }
    ++ranges;
    request.answer(rows({"k"}));
  };
  const auto keys = count();
  EXPECT_EQ(keys, ranges);
}

TEST_F(KeyListingTest, WhatOneNodeKnowsByAnotherIdIsReadFromOthers) {
  driver().ring.fallback = {NodeId{.high = 1}, NodeId{.high = 2}};
  int refused = 0;
  driver().by_itself = [&](const FakeRequest& request) {
    if (!request.replicas.empty() && request.replicas.front() == NodeId{.high = 1}) {
      ++refused;
      return request.fail(failure(DriverErrorCode::other_id, false));
    }
    ++ranges;
    request.answer(rows({"k"}));
  };
  const auto keys = count();
  EXPECT_EQ(keys, ranges);
  EXPECT_GT(refused, 0);
}

TEST_F(KeyListingTest, ARangeThatIsTooMuchIsReadInHalves) {
  std::set<std::pair<std::int64_t, std::int64_t>> read;
  driver().by_itself = [&](const FakeRequest& request) {
    const auto after = token_at(request, 0);
    const auto last = token_at(request, 1);
    const auto width = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(after);
    if (width > std::uint64_t{1} << 56) {  // an eighth of the widest
      return request.fail(failure(DriverErrorCode::read_failure));
    }
    EXPECT_TRUE(read.emplace(after, last).second);
    request.answer();
  };
  EXPECT_EQ(count(), 0U);
  auto begin = std::numeric_limits<std::int64_t>::min();
  for (const auto& [after, last] : read) {
    ASSERT_EQ(after, begin);
    begin = last;
  }
  EXPECT_EQ(begin, std::numeric_limits<std::int64_t>::max());
  EXPECT_GT(table_->counters(Verb::yield_keys).stats().retries, 0U);
}

TEST_F(KeyListingTest, APageWithoutKeysThatGoesOnAndThenFailsLosesNoKey) {
  const std::set<std::int64_t> tokens{INT64_MIN + 1, -1, 0, 1, INT64_MAX};
  std::size_t failures = 0;
  driver().by_itself = [&](const FakeRequest& request) {
    const auto after = token_at(request, 0);
    const auto last = token_at(request, 1);
    const auto width = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(after);
    if (width > std::uint64_t{1} << 56) {  // an eighth of the widest
      if (request.paging_state.empty()) return request.answer(rows({}, "some place"));
      ++failures;
      return request.fail(failure(DriverErrorCode::read_failure));
    }
    if (request.paging_state.empty()) return request.answer(rows({}, "some place"));
    std::vector<std::string> keys;
    for (auto at = tokens.upper_bound(after); at != tokens.upper_bound(last); ++at) {
      keys.push_back(testing::KeysOfToken::key(*at, 7));
    }
    request.answer(rows(keys));
  };
  Page all;
  for (bool more = true; more;) {
    const auto& page = ask();
    while (!page.is_done()) timers_.advance(seconds{1});
    ASSERT_FALSE(page.result().error);
    std::ranges::copy(page.result().keys, std::back_inserter(all));
    more = !page.result().keys.empty();
  }
  Page expected;
  for (const auto token : tokens) expected.push_back(testing::KeysOfToken::key(token, 7));
  EXPECT_EQ(all, expected);
  EXPECT_GT(failures, 0U);
}

TEST_F(KeyListingTest, ANodeThatDoesNotAnswerIsAskedOnceByWhatIsRead) {
  const NodeId silent{.high = 1};
  driver().ring.fallback = {silent, {.high = 2}};
  std::set<std::pair<std::int64_t, std::int64_t>> waited_for;
  std::set<std::pair<std::int64_t, std::int64_t>> read;
  driver().by_itself = [&](const FakeRequest& request) {
    const std::pair range(token_at(request, 0), token_at(request, 1));
    if (request.replicas.front() == silent) {
      EXPECT_TRUE(waited_for.insert(range).second) << "the next attempt is at another node";
      return request.fail(failure(DriverErrorCode::attempt_timeout));
    }
    EXPECT_TRUE(read.insert(range).second);
    request.answer(rows({"k"}));
  };
  const auto keys = count();
  EXPECT_EQ(keys, read.size());
  EXPECT_THAT(waited_for, SizeIs(::testing::Le(4U))) << "those sent before the first came back";
  EXPECT_THAT(waited_for, ::testing::Not(IsEmpty()));
  EXPECT_TRUE(std::ranges::includes(read, waited_for)) << "none was halved";
}

TEST_F(KeyListingTest, ReplicasAreNotLookedForAnewForEachPage) {
  driver().ring.fallback = {NodeId{.high = 1}};
  answer_by_itself();
  walk();
  EXPECT_GT(ranges, 31U);
  EXPECT_LE(driver().topologies, ranges / 4 + 1);
}

TEST_F(KeyListingTest, AfterAFailureTheReplicasAreThoseThatAreKnownThen) {
  const NodeId gone{.high = 1};
  const NodeId there{.high = 2};
  driver().ring.fallback = {gone};
  std::size_t asked = 0;
  bool is_known = false;
  driver().by_itself = [&](const FakeRequest& request) {
    if (request.replicas.front() == there || ++asked <= 2) return request.answer(rows({"k"}));
    EXPECT_FALSE(is_known) << "a retry asked a node that is gone";
    request.fail(failure(DriverErrorCode::unavailable));
  };
  ask();  // after two pages the node goes, and all parts that are read wait for their retry
  EXPECT_EQ(asked, 6U);
  driver().ring.fallback = {there};
  driver().ring.number = 2;
  is_known = true;
  timers_.advance(seconds{1});
  EXPECT_GT(count(), 31U);
}

TEST_F(KeyListingTest, EachPartHasItsTime) {
  connect({.attempt_timeout = seconds{10}, .retries = {.give_up_after = seconds{30}}});
  scan = std::make_unique<KeyListing>(table_, "", "");
  const auto& page = ask();
  std::vector<std::chrono::milliseconds> allowed;
  for (int round = 0; round < 10 && !page.is_done(); ++round) {
    std::vector<FakeRequest> sent;
    while (driver().waiting() > 0) sent.push_back(driver().take());
    for (const auto& request : sent) {
      if (token_at(request, 0) != INT64_MIN) continue;
      allowed.push_back(request.options.timeout);
    }
    timers_.advance(seconds{11});
    for (const auto& request : sent) request.fail(failure(DriverErrorCode::overloaded));
    timers_.advance(seconds{1});
  }
  while (driver().waiting() > 0) driver().take().answer();
  ASSERT_TRUE(page.is_done());
  EXPECT_EQ(page.result().error->code(), ErrorCode::overloaded);
  EXPECT_THAT(allowed, ElementsAre(seconds{10}, seconds{10}, seconds{10}, seconds{5}))
      << "30 s since the first failure";
}

TEST_F(KeyListingTest, HalvesHaveTheirOwnTime) {
  connect({.retries = {.give_up_after = seconds{30}}});
  scan = std::make_unique<KeyListing>(table_, "", "");
  ask();
  // Each attempt takes most of the time that a part has, and six halvings are needed.
  for (int halving = 0; halving < 6; ++halving) {
    timers_.advance(seconds{20});
    std::vector<FakeRequest> late;
    while (driver().waiting() > 0) late.push_back(driver().take());
    for (const auto& request : late) request.fail(failure(DriverErrorCode::read_failure));
    ASSERT_FALSE(sinks[0]->is_done()) << halving;
    timers_.advance(seconds{3});
    ASSERT_GT(driver().waiting(), 0U) << halving;
  }
  while (driver().waiting() > 0) {
    driver().take().answer(sinks[0]->is_done() ? Rows{} : rows({"k"}));
  }
  EXPECT_THAT(sinks[0]->result().keys, ElementsAre("k"));
}

TEST_F(KeyListingTest, LongKeysMakeShortPages) {
  const std::string long_key(60'000, 'k');
  std::int32_t least = 1'000;
  driver().by_itself = [&](const FakeRequest& request) {
    least = std::min(least, request.options.page_size);
    request.answer(rows({long_key}));
  };
  ask();
  EXPECT_LE(least, 17);
  EXPECT_GE(least, 16);
}

TEST_F(KeyListingTest, WarningsOfAServerAreTold) {
  driver().by_itself = [&](const FakeRequest& request) {
    request.answer(make_rows({{"k"}}, "", {"Read 1 live rows and 5000 tombstone cells"}));
  };
  ask();
  EXPECT_GT(session_->log().count(Event::server_warning), 0U);
}

TEST_F(KeyListingTest, AFailedSetUpIsToldEachTime) {
  table_ = make_table();
  scan = std::make_unique<KeyListing>(table_, "", "");
  const auto& page = ask();
  table_->setup().start();
  driver().take().answer();
  driver().take().answer();
  EXPECT_EQ(page.result().error->code(), ErrorCode::schema);
  EXPECT_EQ(ask().result().error->code(), ErrorCode::schema);
}

TEST_F(KeyListingTest, APartitionerThatIsNotKnownIsRefusedBeforeAnyPageIsRead) {
  driver().is_plain_by_itself = false;
  for (int step = 0; step < 2; ++step) {
    const auto& page = ask();
    if (step == 0) driver().take().answer();  // that there are no masks
    const auto request = driver().take();
    EXPECT_EQ(request.cql, "SELECT partitioner FROM system.local");
    request.answer(make_rows({{"com.amazonaws.cassandra.DefaultPartitioner"}}));
    ASSERT_TRUE(page.is_done());
    EXPECT_EQ(page.result().error->code(), ErrorCode::schema);
    EXPECT_EQ(driver().waiting(), 0U);
  }
}

TEST_F(KeyListingTest, BoundsAreThoseOfTheRingThatTheServersHave) {
  driver().is_plain_by_itself = false;
  const auto& page = ask();
  driver().take().answer();  // that there are no masks
  driver().take().answer(make_rows({{"org.apache.cassandra.dht.ByteOrderedPartitioner"}}));
  const auto request = driver().take();
  EXPECT_EQ(std::get<std::string>(request.values.at(0)), "");
  EXPECT_EQ(std::get<std::string>(request.values.at(1)), "\xff");
  EXPECT_EQ(driver().waiting(), 0U) << "all of the ring is one part";
  request.answer(rows({"a"}));
  EXPECT_THAT(page.result().keys, ElementsAre("a"));
  EXPECT_EQ(session_->partitioner(), Partitioner::byte_order);
}

TEST_F(KeyListingTest, WhatWasToldWhileConnectingIsNotAskedForAgain) {
  connect({.partitioner = Partitioner::random});
  driver().is_plain_by_itself = false;
  table_ = make_table();
  table_->setup().skip();
  scan = std::make_unique<KeyListing>(table_, "", "");
  ask();
  driver().take().answer();  // that there are no masks
  const auto request = driver().take();
  EXPECT_THAT(request.cql, ::testing::StartsWith("SELECT DISTINCT row_id"));
  EXPECT_EQ(std::get<std::string>(request.values.at(0)), "\xff") << "-1 as a varint";
  request.answer();
  while (driver().waiting() > 0) driver().take().answer();
}

TEST_F(KeyListingTest, ACursorThatWasReadBeforeTheRingWasKnownMustBeOfIt) {
  driver().is_plain_by_itself = false;
  scan = std::make_unique<KeyListing>(table_, "", "key");
  for (int step = 0; step < 2; ++step) {
    const auto& page = ask();
    if (step == 0) {
      driver().take().answer();  // that there are no masks
      driver().take().answer(make_rows({{"org.apache.cassandra.dht.RandomPartitioner"}}));
    }
    ASSERT_TRUE(page.is_done());
    EXPECT_EQ(page.result().error->code(), ErrorCode::invalid_argument);
  }
  EXPECT_EQ(driver().waiting(), 0U);
  scan = std::make_unique<KeyListing>(table_, "", "key");
  ask();
  while (driver().waiting() > 0) driver().take().answer();
}

TEST_F(KeyListingTest, ThePartitionerIsAskedForOnceByAllListingsOfAStore) {
  driver().is_plain_by_itself = false;
  ask();
  driver().take().answer();  // that there are no masks
  driver().take().answer(make_rows({{"org.apache.cassandra.dht.Murmur3Partitioner"}}));
  driver().take().answer();  // of a range without keys
  KeyListing other(table_, "", "");
  KeepingSink<core::PageResult> page;
  other.next_page(call(), page);
  while (driver().waiting() > 0) {
    const auto request = driver().take();
    EXPECT_THAT(request.cql, ::testing::StartsWith("SELECT DISTINCT row_id"));
    request.answer();
  }
  EXPECT_TRUE(page.is_done());
}

// Finds with the sanitizers who still looks at the call.
TEST_F(KeyListingTest, AStepMayEndOnAnotherThreadWhileItStarts) {
  std::jthread answering([this](const std::stop_token& enough) {
    while (!enough.stop_requested() || driver().waiting() > 0) {
      if (driver().waiting() > 0) driver().take().answer(rows({"k"}, "more"));
    }
  });
  for (int step = 0; step < 50'000; ++step) {
    OwnCallSink sink(call());
    scan->next_page(sink.call(), sink);
    ASSERT_THAT(sink.wait().keys, ElementsAre("k"));
  }
}

TEST_F(KeyListingTest, AStepThatIsStoppedEndsAtOnce) {
  std::stop_source stop;
  const auto& page = ask({.stop = stop.get_token()});
  stop.request_stop();
  EXPECT_EQ(page.result().error->code(), ErrorCode::cancelled);
  const auto& next = ask();
  EXPECT_FALSE(next.is_done());
  driver().take().answer(rows({"k"}));
  EXPECT_THAT(next.result().keys, ElementsAre("k"));
  while (driver().waiting() > 0) driver().take().answer();
}

TEST_F(KeyListingTest, MayGoWhileRequestsAreAtTheDriver) {
  ask();
  driver().take().answer(rows({"k"}, "more"));
  scan.reset();
  EXPECT_GT(driver().waiting(), 0U);
  while (driver().waiting() > 0) driver().take().answer(rows({"l"}, "more"));
  table_->close();
}

TEST_F(KeyListingTest, MayOutliveItsStore) {
  ask();
  driver().take().answer(rows({"k"}, "more"));
  std::jthread closing([&] { table_->close(); });
  while (driver().waiting() > 0) driver().take().answer(rows({"l"}, "more"));
  closing.join();
  session_.reset();
  timers_.advance(seconds{60});
  scan.reset();
}

}  // namespace
}  // namespace bytestore::cassandra
