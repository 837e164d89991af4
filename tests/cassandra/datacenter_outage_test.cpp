// The local one of two datacenters, "east" and "west", goes down and comes back.

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "cassandra_test.hpp"

namespace bytestore {
namespace {

using cassandra::value_of;
using std::chrono::seconds;
using ::testing::AnyOf;
using testing::error_of;
using ::testing::HasSubstr;
using testing::text;

constexpr auto kSaid =
    "no node of datacenter east answers; west does: connect with local_datacenter=west, if the "
    "keyspace has replicas there";

class DatacenterOutageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ask_west(
        fmt::format("CREATE KEYSPACE {} WITH replication = {{'class': "
                    "'NetworkTopologyStrategy', 'east': 1, 'west': 1}}",
                    keyspace));
  }
  void TearDown() override {
    launcher("start 1");  // it may run: then this does nothing
    ask_west("DROP KEYSPACE " + keyspace);
  }

  /// Does something to the node of the east, which is the first.
  static void launcher(std::string_view verb) {
    const std::filesystem::path folder =
        std::filesystem::path(std::getenv("BYTESTORE_TEST_SERVER")).parent_path();
    const auto command =
        fmt::format("{} {} --name {} --build-dir {}", BYTESTORE_LAUNCHER, verb,
                    folder.filename().string(), folder.parent_path().parent_path().string());
    if (std::system(command.c_str()) != 0) throw std::runtime_error(command + " failed");
  }

  void ask_west(const std::string& cql) const {
    auto config = cassandra::server();
    config.contact_points = {address(1)};
    config.local_datacenter = "west";
    const auto session = cassandra::connected(config);
    value_of(cassandra::query(*session, cql, {.consistency = Consistency::one}));
  }

  [[nodiscard]] static std::string address(std::size_t node) {
    return testing::cassandra_server().contact_points.at(node);
  }

  /// Of a session in the east that is reached by the contact point `node`.
  [[nodiscard]] CassandraSessionOptions options_by(std::size_t node) const {
    auto options = testing::session_options();
    options.contact_points = {address(node)};
    options.local_datacenter = "east";
    options.keyspace = keyspace;
    options.attempt_timeout = seconds{5};
    options.give_up_after = seconds{3};
    return options;
  }

  /// Tries until `done`, which takes seconds where all is well.
  template <typename Done>
  static void repeat_until(const Done& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes{2};
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) throw std::runtime_error("it never came about");
    }
  }

  const std::string keyspace = testing::new_table_name();
};

TEST_F(DatacenterOutageTest, IsToldWithTheDatacenterThatAnswers) {
  CassandraByteStore store("kv", {.session = CassandraSession::connect(options_by(0))});
  store.mset({{"key", text("value")}});
  launcher("kill 1");

  const auto refused = error_of([&] { CassandraSession::connect(options_by(1)); });
  EXPECT_EQ(refused.code(), ErrorCode::unavailable);
  EXPECT_THAT(refused.what(), HasSubstr(kSaid));

  repeat_until([&] {
    const auto error = testing::batch_error_of([&] { store.mget({"key"}); });
    const auto& failure = error.failures().at(0);
    EXPECT_THAT(failure.code, AnyOf(ErrorCode::unavailable, ErrorCode::timeout));
    return failure.message.find(kSaid) != std::string::npos;
  });
  repeat_until([&] {
    const auto error = error_of([&] { store.yield_keys().begin(); });
    return std::string_view(error.what()).find(kSaid) != std::string_view::npos;
  });

  launcher("start 1");
  repeat_until([&] {
    try {
      return store.mget({"key"}).at(0) == text("value");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unavailable) << error.what();
      return false;
    }
  });
}

}  // namespace
}  // namespace bytestore
