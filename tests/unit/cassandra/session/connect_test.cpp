#include "cassandra/session/connect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bytestore/cassandra_byte_store.hpp"
#include "cassandra/default_session.hpp"
#include "cassandra/session/clock_probe.hpp"
#include "support/errors.hpp"
#include "support/kept_log.hpp"
#include "unit/support/fake_driver.hpp"

namespace bytestore::cassandra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ErrorCode refusal_of(const CassandraSessionOptions& options) {
  return testing::code_of([&] {
    static_cast<void>(settings_of(options));
    check(options);
  });
}

TEST(SessionOptions, AreHandedToTheDriver) {
  const CassandraSessionOptions options{
      .contact_points = {"a", "b:1"},
      .port = 9'043,
      .address_map = {{.announced = "10.0.0.1", .reachable = "c:2"}},
      .address_function = [](std::string_view announced) { return std::string(announced); },
      .local_datacenter = "dc1",
      .keyspace = "App",
      .username = "user",
      .password = "secret",
      .tls = TlsOptions{.ca_file = "ca", .verify = TlsVerify::name, .name = "db"},
      .connect_timeout = seconds{3},
      .attempt_timeout = seconds{4},
      .give_up_after = seconds{5},
      .consistency = Consistency::two,
      .compression = ProtocolCompression::snappy,
      .worker_threads = 2,
      .application_name = "mine"};
  CassandraSessionOptions config;
  const auto keep = [&](const CassandraSessionOptions& given, SessionSink& sink,
                        const DriverReport& /*report*/) {
    config = given;
    sink.done(DriverError{});
    return AbortConnecting{};
  };
  start_connecting(options, [](const ConnectResult&) {}, keep);
  EXPECT_THAT(config.contact_points, ElementsAre("a", "b:1"));
  EXPECT_EQ(config.port, 9'043);
  ASSERT_THAT(config.address_map, SizeIs(1));
  EXPECT_EQ(config.address_map[0].reachable, "c:2");
  EXPECT_EQ(config.address_function("d:3"), "d:3");
  EXPECT_EQ(config.local_datacenter, "dc1");
  EXPECT_EQ(config.username, "user");
  EXPECT_EQ(config.password, "secret");
  EXPECT_EQ(config.tls->ca_file, "ca");
  EXPECT_EQ(config.tls->verify, TlsVerify::name);
  EXPECT_EQ(config.tls->name, "db");
  EXPECT_EQ(config.connect_timeout, seconds{3});
  EXPECT_EQ(config.attempt_timeout, seconds{4});
  EXPECT_EQ(config.compression, ProtocolCompression::snappy);
  EXPECT_EQ(config.worker_threads, 2);
  EXPECT_EQ(config.application_name, "mine");
  const auto settings = settings_of(options);
  EXPECT_EQ(settings.keyspace, "app");
  EXPECT_EQ(settings.consistency, Consistency::two);
  EXPECT_EQ(settings.attempt_timeout, seconds{4});
  EXPECT_EQ(settings.retries.give_up_after, seconds{5});
}

TEST(SessionOptions, AreCheckedBeforeAnyIo) {
  const std::vector<std::string> points{"a"};
  EXPECT_EQ(refusal_of({}), ErrorCode::not_configured);
  for (const CassandraSessionOptions& options : std::vector<CassandraSessionOptions>{
           {.contact_points = {""}},
           {.contact_points = points, .port = 0},
           {.contact_points = points, .keyspace = "a-b"},
           {.contact_points = points, .password = "secret"},
           {.contact_points = points, .tls = TlsOptions{}},
           {.contact_points = points, .tls = TlsOptions{.ca_file = "ca", .key_file = "key"}},
           {.contact_points = points,
            .tls = TlsOptions{.ca_file = "ca", .verify = TlsVerify::name}},
           {.contact_points = points, .tls = TlsOptions{.ca_file = "ca", .name = "db"}},
           {.contact_points = points, .connect_timeout = seconds{0}},
           {.contact_points = points, .attempt_timeout = seconds{-1}},
           {.contact_points = points, .give_up_after = seconds{0}},
           {.contact_points = points, .consistency = Consistency::any},
           {.contact_points = points, .worker_threads = 0},
       }) {
    EXPECT_EQ(refusal_of(options), ErrorCode::invalid_argument);
  }
}

TEST(SessionOptions, APasswordInAContactPointIsNotRepeated) {
  for (const std::string point : {"cassandra://me:s3cr3t@10.0.0.1/app", "me:s3cr3t@10.0.0.1"}) {
    const auto error = testing::error_of([&] { check({.contact_points = {point}}); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_EQ(std::string_view(error.what()).find("s3cr3t"), std::string_view::npos);
  }
}

TEST(SessionOptions, CredentialsComeFromOnePlace) {
  const auto ask = [] { return Credentials{.username = "me", .password = "mine"}; };
  EXPECT_EQ(refusal_of({.contact_points = {"a"}, .username = "user", .credentials = ask}),
            ErrorCode::invalid_argument);
}

TEST(DefaultSession, SaysHowToConfigureIt) {
  const auto error = testing::error_of([] { CassandraByteStore store("kv"); });
  EXPECT_EQ(error.code(), ErrorCode::not_configured);
  EXPECT_THAT(error.what(), HasSubstr("init"));
  shutdown();
  shutdown();
}

TEST(DefaultSession, IsConfiguredByTheEnvironment) {
  ::setenv("CASSANDRA_CONTACT_POINTS", "a, b:9043,,[::1]:1", 1);
  ::setenv("CASSANDRA_KEYSPACE", "app", 1);
  ::setenv("CASSANDRA_USERNAME", "user", 1);
  ::setenv("CASSANDRA_PASSWORD", "secret", 1);
  auto options = with_environment({});
  EXPECT_THAT(options.contact_points, ElementsAre("a", "b:9043", "[::1]:1"));
  EXPECT_EQ(options.keyspace, "app");
  EXPECT_EQ(options.username, "user");
  EXPECT_EQ(options.password, "secret");
  options = with_environment(
      {.contact_points = {"c"}, .keyspace = "other", .username = "me", .password = "mine"});
  EXPECT_THAT(options.contact_points, ElementsAre("c"));
  EXPECT_EQ(options.keyspace, "other");
  EXPECT_EQ(options.username, "me");
  EXPECT_EQ(options.password, "mine");
  options = with_environment({.credentials = [] { return Credentials{}; }});
  EXPECT_EQ(options.username, "");
  EXPECT_EQ(options.password, "");
  for (const auto* const name : {"CASSANDRA_CONTACT_POINTS", "CASSANDRA_KEYSPACE",
                                 "CASSANDRA_USERNAME", "CASSANDRA_PASSWORD"}) {
    ::unsetenv(name);
  }
  EXPECT_EQ(refusal_of(with_environment({})), ErrorCode::not_configured);
}

TEST(Clocks, AreJudged) {
  const std::vector<ClockDifference> near{{"a", milliseconds{999}}, {"b", milliseconds{-1'000}}};
  EXPECT_THAT(classify_clocks(near, false).warnings, IsEmpty());
  EXPECT_FALSE(classify_clocks(near, false).refusal);
  const std::vector<ClockDifference> apart{{"a", milliseconds{-1'001}}, {"b", seconds{60}}};
  EXPECT_THAT(classify_clocks(apart, false).warnings,
              ElementsAre(HasSubstr("a is 1001 ms behind"), HasSubstr("b is 60000 ms ahead of")));
  EXPECT_FALSE(classify_clocks(apart, false).refusal);
  const std::vector<ClockDifference> far{{"a", milliseconds{-60'001}}, {"b", seconds{99}}};
  ASSERT_TRUE(classify_clocks(far, false).refusal);
  EXPECT_THAT(classify_clocks(far, false).refusal->what(),
              AllOf(HasSubstr("node a"), HasSubstr("allow_clock_difference")));
  EXPECT_THAT(classify_clocks(far, false).warnings, SizeIs(2));
  EXPECT_FALSE(classify_clocks(far, true).refusal);
  EXPECT_THAT(classify_clocks(far, true).warnings, SizeIs(2));
}

class ReadClocks : public ::testing::Test {
 protected:
  void start() {
    read_clocks(session, seconds{2}, [this](const ClockReadings& all) {
      ++calls;
      clocks = all.clocks;
      partitioner = all.partitioner;
    });
  }

  FakeSession session;
  int calls = 0;
  std::vector<ClockDifference> clocks;
  Partitioner partitioner = Partitioner::untold;
};

TEST_F(ReadClocks, OfTheLocalNodesThatAreConnected) {
  const Node node{.id = {.high = 1},
                  .address = "10.0.0.1",
                  .port = 9'042,
                  .datacenter = "datacenter1",
                  .connected = true};
  session.ring.known = {node, node, node, node};
  session.ring.known[1].connected = false;
  session.ring.known[2].datacenter = "elsewhere";
  start();
  ASSERT_EQ(session.waiting(), 2U);
  const auto request = session.take();
  EXPECT_EQ(request.cql, "SELECT toTimestamp(now()), partitioner FROM system.local");
  request.answer(make_rows({{wire(std::int64_t{0}), "RandomPartitioner"}}));
  EXPECT_EQ(calls, 0);
  session.take().fail({.code = DriverErrorCode::attempt_timeout});
  EXPECT_EQ(calls, 1);
  ASSERT_THAT(clocks, SizeIs(1));
  EXPECT_EQ(clocks[0].node, "10.0.0.1:9042");
  EXPECT_LT(clocks[0].ahead, seconds{-60}) << "the epoch";
  EXPECT_EQ(partitioner, Partitioner::random) << "as one of them told";
}

TEST_F(ReadClocks, OfNoNodeAtAll) {
  start();
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(clocks, IsEmpty());
  EXPECT_EQ(partitioner, Partitioner::untold);
}

/// Sessions with one node, whose clock is not this machine's.
class ClockDifferenceTest : public ::testing::Test {
 protected:
  ClockDifferenceTest() {
    options_.log = [log = log_](std::string_view message) { log->add(message); };
  }

  /// What comes of connecting to it.
  ConnectResult connect_to_node_ahead_by(milliseconds difference) {
    auto session = std::make_unique<FakeSession>();
    FakeSession& driver = *session;
    driver.ring.known = {{.id = {.high = 1},
                          .address = "10.0.0.1",
                          .port = 9'042,
                          .datacenter = "datacenter1",
                          .connected = true}};
    std::optional<ConnectResult> connected;
    start_connecting(
        options_, [&](ConnectResult result) { connected = std::move(result); },
        [&](const CassandraSessionOptions&, SessionSink& sink, const DriverReport&) {
          sink.done(std::move(session));
          return AbortConnecting();
        });
    EXPECT_FALSE(connected) << "before the node has told its time";
    const auto time = std::chrono::system_clock::now() + difference;
    const auto since_epoch = std::chrono::floor<milliseconds>(time.time_since_epoch());
    driver.take().answer(
        make_rows({{wire(std::int64_t{since_epoch.count()}), "Murmur3Partitioner"}}));
    return std::move(connected).value();
  }

  static std::shared_ptr<SharedSession> session_in(ConnectResult connected) {
    return std::get<std::shared_ptr<SharedSession>>(std::move(connected));
  }

  static void open(const std::shared_ptr<CassandraSession>& session, Timestamps timestamps) {
    const CassandraByteStore store("kv", {.session = session,
                                          .keyspace = "app",
                                          .setup_mode = SetupMode::off,
                                          .timestamps = timestamps});
  }

  std::shared_ptr<testing::KeptLog> log_ = std::make_shared<testing::KeptLog>();
  CassandraSessionOptions options_{.contact_points = {"10.0.0.1"}};
};

TEST_F(ClockDifferenceTest, OverAMinuteStoresThatDependOnItAreRefused) {
  for (const auto difference : {seconds{120}, seconds{-120}}) {
    const auto session =
        std::make_shared<CassandraSession>(session_in(connect_to_node_ahead_by(difference)));
    EXPECT_THAT(session->warnings(), SizeIs(1));
    for (int i = 0; i < 2; ++i) {  // one session has stores of both kinds
      const auto error = testing::error_of([&] { open(session, Timestamps::client); });
      EXPECT_EQ(error.code(), ErrorCode::unavailable);
      EXPECT_THAT(error.what(),
                  AllOf(HasSubstr("allow_clock_difference"), HasSubstr("timestamps=server")));
      EXPECT_NO_THROW(open(session, Timestamps::server));
    }
  }
}

TEST_F(ClockDifferenceTest, OverAMinuteIsTheCallersToAllow) {
  options_.allow_clock_difference = true;
  const auto shared = session_in(connect_to_node_ahead_by(seconds{120}));
  EXPECT_THAT(shared->settings().warnings, ElementsAre(HasSubstr("ahead of this machine's")));
  EXPECT_THAT(log_->first(), HasSubstr("the clock of node 10.0.0.1:9042 is 1"));
  EXPECT_NO_THROW(open(std::make_shared<CassandraSession>(shared), Timestamps::client));
}

TEST_F(ClockDifferenceTest, OverASecondIsToldToTheLog) {
  const auto session = session_in(connect_to_node_ahead_by(seconds{-5}));
  EXPECT_THAT(session->settings().warnings, ElementsAre(HasSubstr("behind this machine's")));
  EXPECT_EQ(session->log().count(Event::clock), 1U);
  EXPECT_THAT(log_->first(), HasSubstr("behind this machine's; synchronise the clocks"));
}

TEST_F(ClockDifferenceTest, ASmallOneIsNobodysBusiness) {
  const auto session = session_in(connect_to_node_ahead_by(milliseconds{0}));
  EXPECT_THAT(session->settings().warnings, IsEmpty());
  EXPECT_EQ(session->partitioner(), Partitioner::murmur3);
  EXPECT_EQ(session->log().count(Event::clock), 0U);
}

}  // namespace
}  // namespace bytestore::cassandra
