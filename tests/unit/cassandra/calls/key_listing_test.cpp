/// How a listing walks its ranges and pages, and how its steps end.

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "unit/support/key_listing_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

class KeyListingTest : public KeyListingRig {};

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

TEST_F(KeyListingTest, ReplicasAreNotLookedForAnewForEachPage) {
  driver().ring.fallback = {NodeId{.high = 1}};
  answer_by_itself();
  walk();
  EXPECT_GT(ranges, 31U);
  EXPECT_LE(driver().topologies, ranges / 4 + 1);
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
