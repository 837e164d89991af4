// From a configuration to a session, or to an error that says why not.

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <future>
#include <vector>

#include "driver_test.hpp"
#include "support/silent_host.hpp"

namespace bytestore::cassandra {
namespace {

class ConnectTest : public ::testing::Test {
 protected:
  static DriverError refused(const CassandraSessionOptions& config, DriverErrorCode code) {
    const DriverError error = error_of(try_connect(config));
    EXPECT_EQ(error.code, code) << error.message;
    EXPECT_FALSE(error.message.empty());
    EXPECT_FALSE(error.maybe_sent);
    return error;
  }

  static void works(const CassandraSessionOptions& config) {
    const auto session = connected(config);
    RequestOptions options;
    options.consistency = Consistency::one;
    EXPECT_EQ(value_of(query(*session, "SELECT key FROM system.local", options)).size(), 1U);
  }
};

TEST_F(ConnectTest, TheOnlyDatacenterIsInferred) {
  const auto session = connected();
  EXPECT_EQ(session->local_datacenter(), testing::cassandra_server().datacenter);
}

TEST_F(ConnectTest, AnUnknownDatacenterIsAnErrorThatListsThem) {
  CassandraSessionOptions config = server();
  config.local_datacenter = "nowhere";
  const DriverError error = refused(config, DriverErrorCode::datacenter);
  EXPECT_NE(error.message.find(testing::cassandra_server().datacenter), std::string::npos);
}

TEST_F(ConnectTest, AServerThatIsOverloadedAtFirstIsWaitedFor) {
  Proxy proxy = proxied_server();
  proxy.refuse_to_prepare("too much to do");
  CassandraSessionOptions config = through(proxy);
  for (const auto& named : {std::string(), testing::cassandra_server().datacenter}) {
    config.local_datacenter = named;
    proxy.refuse_to_prepare("too much to do");
    const int before = proxy.refused();
    auto connecting = std::async(std::launch::async, [&] { return connected(config); });
    // An attempt to connect asks for less than this.
    while (proxy.refused() < before + 60) {
      if (connecting.wait_for(std::chrono::milliseconds{1}) == std::future_status::ready) break;
    }
    proxy.prepare_again();
    const auto session = connecting.get();
    EXPECT_EQ(session->local_datacenter(), testing::cassandra_server().datacenter);
    std::vector<NodeId> replicas;
    session->topology("bytestore_test", "kv", session->local_datacenter())->replicas(0, replicas);
    EXPECT_EQ(replicas.size(), 1U) << "the keyspaces are known";
  }
}

TEST_F(ConnectTest, AServerThatStaysOverloadedIsToldByItsWords) {
  Proxy proxy = proxied_server();
  proxy.refuse_to_prepare("too much to do");
  CassandraSessionOptions config = through(proxy);
  config.connect_timeout = std::chrono::seconds{2};
  for (const auto* const named : {"", "datacenter1", "nowhere"}) {
    config.local_datacenter = named;
    const DriverError error = refused(config, DriverErrorCode::overloaded);
    EXPECT_NE(error.message.find("too much to do"), std::string::npos) << error.message;
  }
}

TEST_F(ConnectTest, APortMayFollowTheHost) {
  CassandraSessionOptions config = server();
  config.contact_points[0] += ":" + std::to_string(config.port);
  config.port = 1;
  works(config);
}

TEST_F(ConnectTest, ContactPointsMayBeIpv6) {
  const CassandraSessionOptions target = server();
  const Proxy nodes = proxied_server();
  const Proxy contact(target.contact_points[0], target.port, "::1", nodes.port());
  CassandraSessionOptions config = target;
  config.contact_points = {"[::1]:" + std::to_string(contact.port())};
  works(config);
}

TEST_F(ConnectTest, OneContactPointThatAnswersIsEnough) {
  CassandraSessionOptions config = server();
  config.contact_points.insert(config.contact_points.begin(), {"no.such.host.invalid"});
  config.local_datacenter = testing::cassandra_server().datacenter;
  works(config);
}

TEST_F(ConnectTest, EachCompressionWorks) {
  for (const ProtocolCompression compression :
       {ProtocolCompression::lz4, ProtocolCompression::snappy}) {
    CassandraSessionOptions config = server();
    config.compression = compression;
    works(config);
  }
}

TEST_F(ConnectTest, SeveralWorkersWork) {
  CassandraSessionOptions config = server();
  config.worker_threads = 3;
  works(config);
}

TEST_F(ConnectTest, TheServerKnowsTheApplication) {
  CassandraSessionOptions config = server();
  config.application_name = "bytestore driver test";
  const auto session = connected(config);
  RequestOptions options;
  options.consistency = Consistency::one;
  const Rows rows =
      value_of(query(*session, "SELECT client_options FROM system_views.clients", options));
  bool known = false;
  for (std::size_t row = 0; row != rows.size(); ++row) {
    known = known || rows.text(row, 0).find(config.application_name) != std::string_view::npos;
  }
  EXPECT_TRUE(known);
}

TEST(ConnectWithoutServerTest, ContactPointsThatMakeNoSenseAreRefused) {
  for (const char* point : {"", "host:port", "[::1", "http://host"}) {
    CassandraSessionOptions config;
    config.contact_points = {point};
    EXPECT_EQ(error_of(try_connect(config)).code, DriverErrorCode::bad_argument) << point;
  }
  EXPECT_EQ(error_of(try_connect({})).code, DriverErrorCode::bad_argument);
}

TEST(ConnectWithoutServerTest, NobodyListens) {
  CassandraSessionOptions config;
  config.contact_points = {"127.0.0.1:1"};
  const DriverError error = error_of(try_connect(config));
  EXPECT_EQ(error.code, DriverErrorCode::no_connection) << error.message;
}

TEST(ConnectWithoutServerTest, AServerThatSaysNothingIsGivenUp) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor mute(context, {boost::asio::ip::make_address("127.0.0.1"), 0});
  CassandraSessionOptions config;
  config.contact_points = {"127.0.0.1"};
  config.port = mute.local_endpoint().port();
  config.connect_timeout = std::chrono::milliseconds{300};
  EXPECT_EQ(error_of(try_connect(config)).code, DriverErrorCode::connect_timeout);
}

TEST(ConnectWithoutServerTest, FilesOfTlsAreNamedInErrors) {
  CassandraSessionOptions config;
  config.contact_points = {"127.0.0.1:1"};
  config.tls = TlsOptions{.ca_file = "/no/such/ca.pem"};
  const DriverError error = error_of(try_connect(config));
  EXPECT_EQ(error.code, DriverErrorCode::bad_argument);
  EXPECT_NE(error.message.find("/no/such/ca.pem"), std::string::npos) << error.message;
  config.tls = TlsOptions{};
  EXPECT_EQ(error_of(try_connect(config)).code, DriverErrorCode::bad_argument) << "no CA file";
}

/// With a server that asks for passwords.
class AuthenticationTest : public ConnectTest {};

TEST_F(AuthenticationTest, AWrongPasswordIsToldAndNotRepeated) {
  CassandraSessionOptions config = server();
  config.password = "wrong-and-secret";
  const DriverError error = refused(config, DriverErrorCode::bad_credentials);
  EXPECT_EQ(error.message.find("secret"), std::string::npos) << error.message;
}

TEST_F(AuthenticationTest, AWrongPasswordIsToldThoughAnotherContactPointHangs) {
  const testing::SilentHost hung(testing::SilentHost::Kind::mute, "127.0.0.1");
  CassandraSessionOptions config = server();
  config.contact_points.push_back(hung.contact_point());
  config.password = "wrong-and-secret";
  refused(config, DriverErrorCode::bad_credentials);
}

TEST_F(AuthenticationTest, NoPasswordIsTold) {
  CassandraSessionOptions config = server();
  config.username.clear();
  config.password.clear();
  refused(config, DriverErrorCode::bad_credentials);
}

TEST_F(AuthenticationTest, AMissingPermissionIsTold) {
  const auto session = connected();
  const DriverError error = error_of(query(*session, "CREATE ROLE driver_test_intruder"));
  EXPECT_EQ(error.code, DriverErrorCode::unauthorized) << error.message;
}

/// With a server that asks for client certificates, whatever its own names.
class TlsTest : public ConnectTest {
 protected:
  static CassandraSessionOptions verifying(TlsVerify verify, std::string name = "") {
    CassandraSessionOptions config = server();
    config.tls->verify = verify;
    config.tls->name = std::move(name);
    return config;
  }

  static void works_if(bool expected, const CassandraSessionOptions& config) {
    if (expected) return works(config);
    refused(config, DriverErrorCode::tls);
  }

  const testing::CassandraServer::Tls tls = testing::cassandra_server().tls.value();
};

TEST_F(TlsTest, AnAddressIsVerified) { works_if(tls.names == "address", verifying(TlsVerify::ip)); }

TEST_F(TlsTest, ANameIsVerified) {
  works_if(tls.names == "dns", verifying(TlsVerify::name, tls.dns_name));
  refused(verifying(TlsVerify::name, "elsewhere.test"), DriverErrorCode::tls);
  refused(verifying(TlsVerify::name, "not a name"), DriverErrorCode::bad_argument);
}

TEST_F(TlsTest, AChainIsVerifiedWhateverTheName) {
  works(verifying(TlsVerify::chain));
  CassandraSessionOptions config = verifying(TlsVerify::chain);
  config.tls->ca_file = tls.untrusted_ca;
  for (const TlsVerify verify : {TlsVerify::ip, TlsVerify::chain}) {
    config.tls->verify = verify;
    refused(config, DriverErrorCode::tls);
  }
}

TEST_F(TlsTest, AServerThatWantsACertificateGetsNone) {
  CassandraSessionOptions config = verifying(TlsVerify::chain);
  config.tls->certificate_file.clear();
  config.tls->key_file.clear();
  refused(config, DriverErrorCode::tls);
}

TEST_F(TlsTest, ACertificateNeedsItsKey) {
  CassandraSessionOptions config = verifying(TlsVerify::chain);
  config.tls->key_file.clear();
  refused(config, DriverErrorCode::bad_argument);
}

}  // namespace
}  // namespace bytestore::cassandra
