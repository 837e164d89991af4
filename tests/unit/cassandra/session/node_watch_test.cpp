/// Nodes that hang, on the fake driver.

#include "cassandra/session/node_watch.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "unit/support/verb_rig.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kPing = "SELECT key FROM system.local";

class NodeWatchTest : public VerbRig {
 protected:
  void SetUp() override { connect_nodes({}); }

  void connect_nodes(const TableSettings& settings, SessionSettings session = {}) {
    connect(std::move(session), fixed(kWindow), settings);
    for (std::uint64_t number = 1; number <= 3; ++number) {
      driver().ring.known.push_back({.id = {.high = number},
                                     .address = "127.0.0." + std::to_string(number),
                                     .port = 9042,
                                     .datacenter = "datacenter1",
                                     .connected = true});
      driver().ring.fallback.push_back({.high = number});
    }
    driver().answers_pings = false;
    keys = {"a"};
  }

  void pass(milliseconds time) {
    for (; time > milliseconds{0}; time -= NodeWatch::kInterval) {
      timers_.advance(NodeWatch::kInterval);
    }
  }

  /// A request to a node that answers nothing, as the watch finds out.
  FakeRequest take_hung() {
    auto request = driver().take();
    find_hung(request.replicas.front());
    return request;
  }

  void find_hung(NodeId hung) {
    // Answers of which nothing is known may have a MiB for each key.
    for (int looks = 0; looks < 20 && driver().waiting() == 0; ++looks) pass(NodeWatch::kInterval);
    EXPECT_EQ(driver().waiting(), 3U) << "the node, and two others";
    std::optional<FakeRequest> question;
    while (driver().waiting() > 0) {
      auto ping = driver().take();
      EXPECT_EQ(ping.cql, kPing);
      EXPECT_EQ(ping.options.timeout, NodeWatch::kPatience);
      if (ping.replicas.front() == hung) {
        question = std::move(ping);
      } else {
        timers_.advance(milliseconds{1});
        ping.answer(make_rows({{"local"}}));
      }
    }
    ASSERT_TRUE(question);
    question->fail(failure(DriverErrorCode::attempt_timeout));
  }
};

TEST_F(NodeWatchTest, TheRequestsOfANodeThatHangsAreMadeElsewhere) {
  mget();
  const auto hung = take_hung();
  timers_.advance(milliseconds{20});
  const auto again = driver().take();
  EXPECT_NE(again.replicas.front(), hung.replicas.front());
  again.answer(row("value"));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("value")));
  hung.answer(row("too late"));
}

TEST_F(NodeWatchTest, ItGetsNoOtherRequestUntilItAnswers) {
  mget();
  const auto hung = take_hung();
  const NodeId node = hung.replicas.front();
  timers_.advance(milliseconds{20});
  driver().take().answer(row("value"));

  std::vector<NodeId> all = driver().ring.fallback;
  for (std::size_t offset = 0; offset < 9; ++offset) {
    session_->loads().choose(all, offset, {}, timers_.now());
    EXPECT_NE(all.front(), node);
  }
  pass(NodeWatch::kAgain);
  bool asked = false;
  while (driver().waiting() > 0) {
    const auto ping = driver().take();
    asked = asked || ping.replicas.front() == node;
    ping.answer(make_rows({{"local"}}));
  }
  EXPECT_TRUE(asked);
  EXPECT_FALSE(session_->loads().is_hanging(node));
  hung.fail(failure(DriverErrorCode::attempt_timeout));
  all = {node, {.high = 9}};
  session_->loads().choose(all, 0, {}, timers_.now());
  EXPECT_EQ(all.front(), node) << "that an attempt of before times out says nothing";
}

TEST_F(NodeWatchTest, ANodeThatAnswersTheQuestionIsOnlySlow) {
  driver().answers_pings = true;
  mget();
  const auto slow = driver().take();
  pass(seconds{5});
  EXPECT_EQ(driver().waiting(), 0U);
  slow.answer(row("value"));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("value")));
}

TEST_F(NodeWatchTest, WhereNoNodeAnswersNoneIsMoreHungThanTheOthers) {
  mget();
  const auto request = driver().take();
  pass(seconds{1});
  while (driver().waiting() > 0) driver().take().fail(failure(DriverErrorCode::attempt_timeout));
  pass(NodeWatch::kInterval);
  EXPECT_FALSE(session_->loads().is_hanging(request.replicas.front()));
  request.answer(row("value"));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("value")));
  pass(NodeWatch::kSuspicious);
  while (driver().waiting() > 0) driver().take().answer(make_rows({{"local"}}));
}

TEST_F(NodeWatchTest, ANodeThatAnswersSomethingElseMeanwhileDoesNotHang) {
  mget();
  const auto slow = driver().take();
  const NodeId node = slow.replicas.front();
  pass(2 * NodeWatch::kSuspicious);
  std::optional<FakeRequest> question;
  while (driver().waiting() > 0) {
    auto ping = driver().take();
    timers_.advance(milliseconds{1});
    if (ping.replicas.front() == node) {
      question = std::move(ping);
    } else {
      ping.answer(make_rows({{"local"}}));
    }
  }
  session_->loads().heard(node, timers_.now());  // as of another call
  question->fail(failure(DriverErrorCode::attempt_timeout));
  EXPECT_FALSE(session_->loads().is_hanging(node));
  slow.answer(row("value"));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("value")));
}

TEST_F(NodeWatchTest, AConnectionThatEndsIsNoAnswer) {
  mget();
  const auto request = driver().take();
  pass(2 * NodeWatch::kSuspicious);
  std::vector<FakeRequest> pings;
  while (driver().waiting() > 0) pings.push_back(driver().take());
  ASSERT_EQ(pings.size(), 3U);
  for (const auto& ping : pings) {
    if (ping.replicas.front() != request.replicas.front()) {
      ping.fail(failure(DriverErrorCode::connection_broken));
    }
  }
  for (const auto& ping : pings) {
    if (ping.replicas.front() == request.replicas.front()) {
      ping.fail(failure(DriverErrorCode::attempt_timeout));
    }
  }
  EXPECT_FALSE(session_->loads().is_hanging(request.replicas.front()));
  request.answer(row("value"));
}

TEST_F(NodeWatchTest, BytesOnTheirWayAreWaitedFor) {
  const std::string large(std::size_t{1} << 20, 'v');
  mset({{"a", as_bytes(large)}});
  const auto slow = driver().take();
  pass(seconds{5});
  EXPECT_EQ(driver().waiting(), 0U) << "a MiB takes a while on an ordinary link";
  pass(seconds{10});
  EXPECT_GT(driver().waiting(), 0U);
  while (driver().waiting() > 0) driver().take().answer(make_rows({{"local"}}));
  slow.answer();
  EXPECT_TRUE(written.result().failures.empty());
}

TEST_F(NodeWatchTest, WhereThereIsNoOtherNodeNobodyIsAsked) {
  driver().ring.known.resize(1);
  driver().ring.fallback.resize(1);
  mget();
  const auto request = driver().take();
  pass(seconds{1});
  EXPECT_EQ(driver().waiting(), 0U);
  request.answer(row("value"));
}

TEST_F(NodeWatchTest, KeysThatShareARequestStayTogether) {
  keys = {"a", "b"};
  mget();
  const auto hung = take_hung();
  timers_.advance(milliseconds{20});
  const auto again = driver().take();
  EXPECT_EQ(again.cql, hung.cql);
  EXPECT_EQ(again.values, hung.values);
  EXPECT_EQ(driver().waiting(), 0U);
  again.answer(make_rows({{"a", "1"}, {"b", "2"}}));
  EXPECT_THAT(read.result().values, ElementsAre(Bytes::copy("1"), Bytes::copy("2")));
  hung.fail(failure(DriverErrorCode::attempt_timeout));
}

TEST_F(NodeWatchTest, AWriteThatMustNotBeRepeatedIsWaitedFor) {
  connect_nodes({.client_timestamps = false});
  mset({{"a", as_bytes("value")}});
  const auto hung = take_hung();
  timers_.advance(seconds{1});
  EXPECT_FALSE(written.is_done());
  while (driver().waiting() > 0) driver().take().answer(make_rows({{"local"}}));
  hung.answer();
  EXPECT_TRUE(written.result().failures.empty());
}

TEST_F(NodeWatchTest, AWriteIsRepeatedElsewhereWithItsTime) {
  mset({{"a", as_bytes("value")}});
  const auto hung = take_hung();
  timers_.advance(milliseconds{20});
  const auto again = driver().take();
  EXPECT_EQ(again.options.timestamp, hung.options.timestamp);
  again.answer();
  EXPECT_TRUE(written.result().failures.empty());
  hung.answer();
}

TEST_F(NodeWatchTest, TheLogIsToldWhichNodeHangs) {
  const auto log = std::make_shared<testing::KeptLog>();
  connect_nodes({}, {.log = [log](std::string_view message) { log->add(message); }});
  mget();
  const auto hung = take_hung();
  EXPECT_EQ(session_->log().count(Event::node_hangs), 1U);
  EXPECT_THAT(log->first(),
              HasSubstr("the node 127.0.0." + std::to_string(hung.replicas.front().high) +
                        ":9042 does not answer"));
  timers_.advance(milliseconds{20});
  driver().take().answer(row("value"));
  hung.answer();
}

TEST_F(NodeWatchTest, WhoClosesTheStoreDoesNotWaitForANodeThatHangs) {
  mget();
  const auto hung = take_hung();
  timers_.advance(milliseconds{20});
  driver().take().answer(row("value"));
  std::weak_ptr<SharedSession> session = session_;
  session_.reset();
  table_->close();
  EXPECT_TRUE(session.expired()) << "nor does the session";
  hung.answer();
}

TEST_F(NodeWatchTest, NobodyLooksWhileNothingIsSent) {
  mget();
  EXPECT_EQ(timers_.pending(), 1U);
  driver().take().answer(row("value"));
  pass(NodeWatch::kInterval * 2);
  EXPECT_EQ(timers_.pending(), 0U);
  KeepingSink<core::ReadResult> another;
  start_mget(table_, keys, call(), another);
  EXPECT_EQ(timers_.pending(), 1U) << "and again with the next request";
  driver().take().answer(row("value"));
}

/// Counts how often it has ended.
class CountingRequest final : public NodeRequest {
 public:
  CountingRequest(const SessionUse& use, const NodeId& at, std::atomic<int>& ended)
      : NodeRequest(KeepOpen(use), use.session, true), ended_(ended) {
    sent_to(at, {});
  }

  /// It is with the driver, which has not answered.
  static void give(std::unique_ptr<CountingRequest> request) {
    give_to_driver(std::move(request), [] {});
  }

 private:
  void ended(Result<Rows> /*result*/) noexcept override { ++ended_; }

  std::atomic<int>& ended_;
};

TEST_F(NodeWatchTest, ARequestEndsOnceThoughItIsAnsweredWhileItIsGivenUp) {
  constexpr int kRequests = 20'000;
  const NodeId node = driver().ring.fallback.front();
  const NodeId other = driver().ring.fallback.back();
  ReplicaLoads& loads = session_->loads();
  const auto asked_at = timers_.now();
  const auto later = asked_at + milliseconds{1};
  std::atomic<int> ended{0};
  std::vector<CountingRequest*> requests;
  for (int i = 0; i < kRequests; ++i) {
    std::vector<NodeId> only{node};
    loads.choose(only, 0, {}, {});
    auto request = std::make_unique<CountingRequest>(table_->access(), node, ended);
    requests.push_back(request.get());
    CountingRequest::give(std::move(request));
  }
  {
    std::atomic<bool> all_answered{false};
    const std::jthread watch([&] {
      while (!all_answered) {
        loads.heard(other, later);
        for (NodeRequest* const request : loads.hangs(node, asked_at, later)) request->give_up();
      }
    });
    for (CountingRequest* const request : requests) request->done(Rows());
    all_answered = true;
  }
  EXPECT_EQ(ended, kRequests);
  table_->close();  // which waits for those that are not destroyed
}

}  // namespace
}  // namespace bytestore::cassandra
