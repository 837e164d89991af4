#include "cassandra/calls/key_estimate.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "unit/support/table_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
constexpr auto kLast = std::numeric_limits<std::int64_t>::max();

class KeyEstimateTest : public TableRig {
 protected:
  void SetUp() override {
    TableRig::SetUp();
    for (std::uint64_t number = 1; number <= 2; ++number) add_node(number, "datacenter1", true);
  }

  void add_node(std::uint64_t number, std::string datacenter, bool connected) {
    driver().ring.known.push_back({.id = {number, number},
                                   .address = "127.0.0.1",
                                   .port = 9042,
                                   .datacenter = std::move(datacenter),
                                   .connected = connected});
  }

  void ask(CallOptions options = {}) { KeyEstimate::start(table_, call(std::move(options)), sink); }

  static Rows rows(std::int64_t after, std::int64_t last, std::int64_t keys) {
    return make_rows({{std::to_string(after), std::to_string(last), wire(keys)}});
  }

  KeepingSink<core::EstimateResult> sink;
};

TEST_F(KeyEstimateTest, AsksEachNodeOfTheDatacenterThatIsConnected) {
  add_node(3, "datacenter1", false);
  add_node(4, "elsewhere", true);
  ask();
  ASSERT_EQ(driver().waiting(), 2U);
  for (std::uint64_t number = 1; number <= 2; ++number) {
    const auto request = driver().take();
    EXPECT_EQ(request.replicas, (std::vector<NodeId>{{number, number}}));
    EXPECT_FALSE(request.options.others_may_serve);
    EXPECT_THAT(request.cql, HasSubstr("keyspace_name = 'app' AND table_name = 'kv'"));
    EXPECT_FALSE(sink.is_done());
    request.answer(number == 1 ? rows(kFirst, 0, 40) : rows(0, kLast, 60));
  }
  EXPECT_EQ(sink.result().keys, 100U);
  EXPECT_FALSE(sink.result().error);
}

TEST_F(KeyEstimateTest, TakesANodeThatFailsToBeLikeTheOthers) {
  ask();
  driver().take().fail(failure(DriverErrorCode::attempt_timeout));
  driver().take().answer(rows(0, kLast, 60));
  EXPECT_EQ(sink.result().keys, 120U);
  EXPECT_FALSE(sink.result().error);
}

TEST_F(KeyEstimateTest, ANodeThatHangsIsLeftOutAndTheLogIsTold) {
  const auto log = connect_with_log();
  for (std::uint64_t number = 1; number <= 2; ++number) add_node(number, "datacenter1", true);
  ask();
  driver().take().answer(rows(kFirst, 0, 60));
  const auto hung = driver().take();
  const NodeId node = hung.replicas.front();
  const auto asked_at = timers_.now();
  timers_.advance(milliseconds{1});
  session_->loads().heard({1, 1}, timers_.now());
  for (auto* const given_up : session_->loads().hangs(node, asked_at, timers_.now())) {
    given_up->give_up();
  }
  EXPECT_EQ(sink.result().keys, 120U);
  EXPECT_THAT(log->first(), HasSubstr("scaled from 50 % of the ring: 127.0.0.1:9042 did not"));

  KeepingSink<core::EstimateResult> later;
  KeyEstimate::start(table_, call(), later);
  EXPECT_EQ(driver().waiting(), 1U) << "it is not asked again";
  driver().take().answer(rows(kFirst, 0, 70));
  EXPECT_EQ(later.result().keys, 140U);
  hung.answer();
}

TEST_F(KeyEstimateTest, FailsIfNoNodeAnswers) {
  ask();
  driver().take().fail(failure(DriverErrorCode::attempt_timeout));
  driver().take().fail(failure(DriverErrorCode::unauthorized));
  ASSERT_TRUE(sink.result().error);
  EXPECT_EQ(sink.result().error->code(), ErrorCode::unauthorized);
}

TEST_F(KeyEstimateTest, FailsIfNoNodeIsConnected) {
  driver().ring.known.clear();
  ask();
  ASSERT_TRUE(sink.result().error);
  EXPECT_EQ(sink.result().error->code(), ErrorCode::unavailable);
}

TEST_F(KeyEstimateTest, NodesWithoutReplicasCountNothing) {
  for (const bool is_known : {true, false}) {
    if (is_known) driver().ring.keyspace->replicas = {{"elsewhere", 2}};
    KeepingSink<core::EstimateResult> result;
    KeyEstimate::start(table_, call(), result);
    driver().take().answer(rows(kFirst, 0, is_known ? 7 : 0));  // of what it held once
    driver().take().answer();
    EXPECT_FALSE(result.is_done());
    const auto question = driver().take();
    EXPECT_THAT(question.cql, HasSubstr("SELECT replication"));
    const auto text = [](const std::string& value) {
      return wire(static_cast<std::int32_t>(value.size())) + value;
    };
    question.answer(make_rows({{wire(std::int32_t{2}) + text("class") +
                                text("NetworkTopologyStrategy") + text("elsewhere") + text("2")}}));
    ASSERT_TRUE(result.result().error);
    EXPECT_EQ(result.result().error->code(), ErrorCode::schema);
    EXPECT_THAT(result.result().error->what(), HasSubstr("local_datacenter=elsewhere"));
    driver().ring.keyspace->replicas = {{"datacenter1", 1}};
  }
}

TEST_F(KeyEstimateTest, OfATableThatIsNotKnownYetIsZeroWhereThereAreReplicas) {
  ask();
  driver().take().answer();
  driver().take().answer();
  driver().take().answer();  // whatever the replication is
  EXPECT_EQ(sink.result().keys, 0U);
  EXPECT_FALSE(sink.result().error);
}

TEST_F(KeyEstimateTest, LeavesOutWhatItCannotRead) {
  ask();
  driver().take().answer(make_rows({{"0f", "ff", wire(std::int64_t{7})}, {"1", "", std::nullopt}}));
  driver().take().answer(rows(kFirst, kLast, 9));
  EXPECT_EQ(sink.result().keys, 9U);
}

TEST_F(KeyEstimateTest, APartitionerThatIsNotKnownIsRefused) {
  driver().is_plain_by_itself = false;
  ask();
  check_table_out();
  driver().take().answer(make_rows({{"com.amazonaws.cassandra.DefaultPartitioner"}}));
  ASSERT_TRUE(sink.is_done());
  EXPECT_EQ(sink.result().error->code(), ErrorCode::schema);
  EXPECT_THAT(sink.result().error->what(), HasSubstr("DefaultPartitioner"));
  EXPECT_EQ(driver().waiting(), 0U);
}

/// Servers whose keys are not spread evenly over their ring.
class OrderedKeyEstimateTest : public KeyEstimateTest {
 protected:
  void SetUp() override {
    connect({.partitioner = Partitioner::byte_order});
    for (std::uint64_t number = 1; number <= 2; ++number) add_node(number, "datacenter1", true);
    ask();
  }

  void answer(const std::string& after, const std::string& last, std::int64_t keys) {
    driver().take().answer(make_rows({{after, last, wire(keys)}}));
  }
};

TEST_F(OrderedKeyEstimateTest, IsTheSumIfTheyTellOfAllOfIt) {
  answer("", "6b", 40);
  answer("6b", "", 2);
  EXPECT_FALSE(sink.result().error);
  EXPECT_EQ(sink.result().keys, 42U);
}

TEST_F(OrderedKeyEstimateTest, FailsWhileOneIsMissing) {
  answer("", "6b", 40);
  driver().take().fail(failure(DriverErrorCode::attempt_timeout));
  ASSERT_TRUE(sink.result().error);
  EXPECT_EQ(sink.result().error->code(), ErrorCode::unavailable);
  EXPECT_THAT(sink.result().error->what(), HasSubstr("check 127.0.0.1:9042"));
}

TEST_F(OrderedKeyEstimateTest, FailsWhereOtherDatacentersHaveTheRest) {
  answer("", "6b", 40);
  answer("6c", "", 2);
  ASSERT_TRUE(sink.result().error);
  EXPECT_EQ(sink.result().error->code(), ErrorCode::schema);
}

TEST_F(KeyEstimateTest, ACancelledOneEndsAtOnce) {
  ask();
  closing_.request_stop();
  ASSERT_TRUE(sink.is_done());
  ASSERT_TRUE(sink.result().error);
  EXPECT_EQ(sink.result().error->code(), ErrorCode::cancelled);
  driver().take().answer(rows(kFirst, kLast, 9));
  driver().take().answer();
}

TEST_F(KeyEstimateTest, TheDeadlineHoldsForTheSetUpToo) {
  table_ = make_table();
  const auto start = core::Call::Clock::now().time_since_epoch();
  timers_.advance(start);
  ask({.deadline = std::chrono::milliseconds{250}});
  EXPECT_FALSE(sink.is_done());
  timers_.advance(std::chrono::milliseconds{500});
  ASSERT_TRUE(sink.is_done());
  ASSERT_TRUE(sink.result().error);
  EXPECT_EQ(sink.result().error->code(), ErrorCode::timeout);
  table_->setup().skip();
  while (driver().waiting() > 0) driver().take().answer();
}

TEST_F(KeyEstimateTest, ItEndsWithTheSilence) {
  table_ = make_table();
  table_->setup().start();
  ask();
  timers_.advance(milliseconds{29'999});
  EXPECT_FALSE(sink.is_done());
  timers_.advance(milliseconds{1});
  ASSERT_TRUE(sink.is_done());
  ASSERT_TRUE(sink.result().error);
  EXPECT_EQ(sink.result().error->code(), ErrorCode::timeout);
  EXPECT_THAT(sink.result().error->what(), HasSubstr("no server has answered for 30000 ms"));
  driver().take().fail(failure(DriverErrorCode::unauthorized));  // ends the set-up
}

TEST_F(KeyEstimateTest, TheSilenceCountsFromTheLastAnswer) {
  ask();
  timers_.advance(seconds{20});
  driver().take().answer(rows(kFirst, 0, 40));
  const auto last = driver().take();
  timers_.advance(seconds{29});
  EXPECT_FALSE(sink.is_done());
  timers_.advance(seconds{1});
  EXPECT_TRUE(sink.is_done());
  last.answer();
}

TEST_F(KeyEstimateTest, ItsRequestsDoNotOutlastTheSilence) {
  connect({.retries = {.give_up_after = seconds{4}}});
  for (std::uint64_t number = 1; number <= 2; ++number) add_node(number, "datacenter1", true);
  ask();
  for (int i = 0; i < 2; ++i) {
    const auto request = driver().take();
    EXPECT_EQ(request.options.timeout, seconds{4});
    request.fail(failure(DriverErrorCode::attempt_timeout));
  }
  ASSERT_TRUE(sink.is_done());
  EXPECT_EQ(sink.result().error->code(), ErrorCode::timeout);
  EXPECT_THAT(sink.result().error->what(), HasSubstr("no server has answered for 4000 ms"));
}

TEST_F(KeyEstimateTest, ItsRequestsEndWithTheCall) {
  timers_.advance(core::Call::Clock::now().time_since_epoch());
  ask({.deadline = std::chrono::milliseconds{250}});
  for (int i = 0; i < 2; ++i) {
    const auto request = driver().take();
    EXPECT_LE(request.options.timeout, std::chrono::milliseconds{251});
    EXPECT_GT(request.options.timeout, std::chrono::milliseconds{0});
    request.answer();
  }
  driver().take().answer();  // which tells of no replicas elsewhere
}

}  // namespace
}  // namespace bytestore::cassandra
