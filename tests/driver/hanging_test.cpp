// What hangs, beside what answers.

#include <gtest/gtest.h>

#include <variant>

#include "driver_test.hpp"
#include "support/silent_host.hpp"

namespace bytestore::cassandra {
namespace {

using testing::SilentHost;

std::size_t rows_of_local(DriverSession& session) {
  RequestOptions options;
  options.consistency = Consistency::one;
  return value_of(query(session, "SELECT key FROM system.local", options)).size();
}

class HungContactPointTest : public ::testing::TestWithParam<SilentHost::Kind> {};

TEST_P(HungContactPointTest, DoesNotKeepTheOthers) {
  const SilentHost first(GetParam(), "127.0.0.1");
  const SilentHost second(GetParam(), "127.0.0.1");
  CassandraSessionOptions config = server();
  config.connect_timeout = std::chrono::seconds{10};
  config.contact_points.insert(config.contact_points.begin(),
                               {first.contact_point(), second.contact_point()});
  // Whoever takes one contact point after the other fails most of these.
  for (int i = 0; i != 10; ++i) EXPECT_EQ(rows_of_local(*connected(config)), 1U);
}

TEST_P(HungContactPointTest, IsNamedWhereNothingAnswers) {
  const SilentHost hung(GetParam(), "127.0.0.1");
  CassandraSessionOptions config;
  config.contact_points = {hung.contact_point(), "127.0.0.1:1"};
  config.connect_timeout = std::chrono::milliseconds{300};
  const DriverError error = error_of(try_connect(config));
  EXPECT_EQ(error.code, DriverErrorCode::connect_timeout);
  EXPECT_NE(error.message.find(hung.contact_point() + ": no answer"), std::string::npos)
      << error.message;
  EXPECT_NE(error.message.find("127.0.0.1:1: "), std::string::npos) << error.message;
}

TEST(HungContactPoints, HaveAllOfTheTime) {
  const SilentHost off(SilentHost::Kind::off, "127.0.0.1");
  const SilentHost mute(SilentHost::Kind::mute, "127.0.0.1");
  CassandraSessionOptions config;
  config.contact_points = {off.contact_point(), mute.contact_point()};
  config.connect_timeout = std::chrono::seconds{7};  // more than one dial takes
  const auto begun = std::chrono::steady_clock::now();
  const DriverError error = error_of(try_connect(config));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, config.connect_timeout);
  EXPECT_EQ(error.code, DriverErrorCode::connect_timeout);
  for (const SilentHost* host : {&off, &mute}) {
    EXPECT_NE(error.message.find(host->contact_point() + ": no answer"), std::string::npos)
        << error.message;
  }
}

INSTANTIATE_TEST_SUITE_P(, HungContactPointTest,
                         ::testing::Values(SilentHost::Kind::mute, SilentHost::Kind::off),
                         [](const auto& kind) {
                           return kind.param == SilentHost::Kind::mute ? "mute" : "off";
                         });

TEST(DeadConnectionsTest, AreReplacedOnceAnAttemptHasTimedOut) {
  Proxy proxy = proxied_server();
  CassandraSessionOptions config = through(proxy);
  config.attempt_timeout = std::chrono::seconds{6};
  const auto session = connected(config);
  RequestOptions options;
  options.consistency = Consistency::one;
  const auto ask = [&] { return query(*session, "SELECT key FROM system.local", options); };
  value_of(ask());
  proxy.forget();
  EXPECT_EQ(error_of(ask()).code, DriverErrorCode::attempt_timeout);
  bool answered = false;
  for (int i = 0; i != 3 && !answered; ++i) answered = std::holds_alternative<Rows>(ask());
  EXPECT_TRUE(answered);
}

}  // namespace
}  // namespace bytestore::cassandra
