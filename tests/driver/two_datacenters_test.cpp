// Two datacenters, "east" and "west", of one node each.

#include <gtest/gtest.h>

#include <algorithm>

#include "driver_test.hpp"

namespace bytestore::cassandra {
namespace {

class TwoDatacentersTest : public ::testing::Test {
 protected:
  static std::string address_in(const std::string& datacenter) {
    CassandraSessionOptions config = server();
    config.local_datacenter = datacenter;
    for (const Node& node : nodes_of(*connected(config))) {
      if (node.datacenter == datacenter) return node.address;
    }
    throw std::runtime_error("there is no datacenter " + datacenter);
  }

  static std::vector<Node> nodes_of(const DriverSession& session) {
    return session.topology("system", "local", "")->nodes();
  }

  /// How many connections of the client that calls itself `application` a node sees.
  static std::size_t connections_seen(const std::string& datacenter,
                                      const std::string& application) {
    CassandraSessionOptions config = server();
    config.local_datacenter = datacenter;
    const auto session = connected(config);
    RequestOptions options;
    options.consistency = Consistency::one;
    const Rows rows =
        value_of(query(*session, "SELECT client_options FROM system_views.clients", options));
    std::size_t count = 0;
    for (std::size_t row = 0; row != rows.size(); ++row) {
      if (rows.text(row, 0).find(application) != std::string_view::npos) ++count;
    }
    return count;
  }

  static CassandraSessionOptions at(std::vector<std::string> contact_points) {
    CassandraSessionOptions config = server();
    config.contact_points = std::move(contact_points);
    return config;
  }

  const std::string east = address_in("east");
  const std::string west = address_in("west");
};

TEST_F(TwoDatacentersTest, TheContactPointsDecide) {
  EXPECT_EQ(connected(at({east}))->local_datacenter(), "east");
  EXPECT_EQ(connected(at({west}))->local_datacenter(), "west");
}

TEST_F(TwoDatacentersTest, AContactPointThatIsNoNodeDoesNotCountBesideOneThatIs) {
  const CassandraSessionOptions target = server();
  const Proxy other(east, target.port, "127.0.9.9", target.port);
  EXPECT_EQ(connected(at({"127.0.9.9", west}))->local_datacenter(), "west");
}

TEST_F(TwoDatacentersTest, WithoutOneThatIsANodeTheOneThatAnsweredDecides) {
  const CassandraSessionOptions target = server();
  for (const auto& [address, datacenter] : {std::pair{east, "east"}, std::pair{west, "west"}}) {
    const Proxy service(address, target.port, "127.0.9.9", target.port);
    EXPECT_EQ(connected(at({"127.0.9.9"}))->local_datacenter(), datacenter);
  }
}

TEST_F(TwoDatacentersTest, ADisagreementSaysWhichContactPointIsWhere) {
  const DriverError error = error_of(try_connect(at({east, west})));
  EXPECT_EQ(error.code, DriverErrorCode::datacenter);
  const std::string port = ":" + std::to_string(server().port);
  EXPECT_NE(error.message.find(east + port + " in \"east\""), std::string::npos) << error.message;
  EXPECT_NE(error.message.find(west + port + " in \"west\""), std::string::npos) << error.message;
}

TEST_F(TwoDatacentersTest, NodesOfTheOtherOneAreNotConnectedTo) {
  CassandraSessionOptions config = at({east});
  config.application_name = "bytestore of the east";
  const auto session = connected(config);
  for (const Node& node : nodes_of(*session)) {
    EXPECT_EQ(node.connected, node.datacenter == "east") << node.address;
  }
  EXPECT_GT(connections_seen("east", config.application_name), 0U);
  EXPECT_EQ(connections_seen("west", config.application_name), 0U);
}

}  // namespace
}  // namespace bytestore::cassandra
