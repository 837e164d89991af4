// Nodes that cannot be reached at what they announce: two real ones, behind forwarders as behind
// the mapped ports of containers.

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "cassandra_test.hpp"
#include "driver/proxy.hpp"

namespace bytestore {
namespace {

using cassandra::Proxy;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::text;

std::string at(const Proxy& proxy) { return "127.0.0.1:" + std::to_string(proxy.port()); }

class AddressesTest : public ::testing::Test {
 protected:
  static const testing::CassandraServer& server() { return testing::cassandra_server(); }

  /// Through the first node alone.
  CassandraSessionOptions options() {
    auto options = testing::session_options();
    options.contact_points = {at(first)};
    options.consistency = Consistency::two;
    options.log = [this](std::string_view message) {
      const std::lock_guard lock(mutex_);
      log_.append(message).append("\n");
    };
    return options;
  }

  static void works(const std::shared_ptr<CassandraSession>& session) {
    CassandraByteStore store(testing::new_table_name(), {.session = session});
    store.mset({{"key", text("value")}});
    EXPECT_EQ(store.mget({"key"})[0], text("value"));
  }

  /// Whether it comes about; only a hung test waits for as long as this does.
  static bool comes_about(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return true;
  }

  /// The nodes with a connection: what they announce, and where they are reached.
  static std::map<std::string, std::string> connected(const cassandra::DriverSession& session) {
    std::map<std::string, std::string> all;
    for (const auto& node : session.topology("", "", "")->nodes()) {
      if (node.connected) all[node.address] = node.reached_at;
    }
    return all;
  }

  static void reaches(const CassandraSessionOptions& options,
                      const std::map<std::string, std::string>& expected) {
    const auto session = cassandra::connected(options);
    EXPECT_TRUE(comes_about([&] { return connected(*session) == expected; }))
        << ::testing::PrintToString(connected(*session));
  }

  std::string log() {
    const std::lock_guard lock(mutex_);
    return log_;
  }

  /// Returns the log when it has `words`.
  std::string log_with(const std::string& words) {
    EXPECT_TRUE(comes_about([&] { return log().find(words) != std::string::npos; })) << log();
    return log();
  }

  /// What a node announces, where nobody listens (tests/cassandra/CMakeLists.txt).
  static std::string announced_by(std::size_t node) {
    auto options = testing::session_options();
    const std::string& address = server().contact_points.at(node);
    options.contact_points = {address};
    for (const auto& [announced, reached_at] : connected(*cassandra::connected(options))) {
      if (reached_at.starts_with(address + ":")) return announced;
    }
    throw std::runtime_error("the node at " + address + " is not reached there");
  }

  const std::string first_announces = announced_by(0);
  const std::string second_announces = announced_by(1);

  Proxy first{server().contact_points.at(0), server().port, "127.0.0.1", 0};
  Proxy second{server().contact_points.at(1), server().port, "127.0.0.1", 0};

 private:
  std::mutex mutex_;
  std::string log_;
};

TEST_F(AddressesTest, TheNodeBehindAContactPointIsReachedThereAndOthersAreNamed) {
  const auto session = CassandraSession::connect(options());
  works(session);
  const auto told = log_with(second_announces + ":" + std::to_string(server().port));
  EXPECT_THAT(told, HasSubstr("address_map"));
  EXPECT_THAT(told, Not(HasSubstr(first_announces + ":")));
}

TEST_F(AddressesTest, EachNodeBehindAContactPointIsReachedThere) {
  auto both = options();
  both.contact_points.push_back(at(second));
  reaches(both, {{first_announces, at(first)}, {second_announces, at(second)}});
  works(CassandraSession::connect(both));
}

TEST_F(AddressesTest, TheMapTellsWhereOthersAreReached) {
  const auto port = ":" + std::to_string(server().port);
  for (const auto& announced : {second_announces, second_announces + port}) {
    auto mapped = options();
    mapped.address_map = {
        {.announced = announced, .reachable = "localhost:" + std::to_string(second.port())}};
    reaches(mapped, {{first_announces, at(first)}, {second_announces, at(second)}});
  }
  auto alike = options();  // port to the same port
  alike.address_map = {{.announced = first_announces, .reachable = server().contact_points.at(0)},
                       {.announced = second_announces, .reachable = server().contact_points.at(1)}};
  reaches(alike, {{first_announces, server().contact_points.at(0) + port},
                  {second_announces, server().contact_points.at(1) + port}});
}

TEST_F(AddressesTest, AFunctionIsAskedForThoseThatTheMapDoesNotName) {
  std::mutex mutex;
  std::vector<std::string> asked;
  auto mapped = options();
  mapped.address_map = {{.announced = first_announces, .reachable = at(first)}};
  mapped.address_function = [&](std::string_view announced) {
    const std::lock_guard lock(mutex);
    asked.emplace_back(announced);
    return at(second);
  };
  reaches(mapped, {{first_announces, at(first)}, {second_announces, at(second)}});
  const std::lock_guard lock(mutex);
  EXPECT_THAT(asked, ::testing::Each(second_announces + ":" + std::to_string(server().port)));
  EXPECT_THAT(asked, Not(::testing::IsEmpty()));
}

TEST_F(AddressesTest, AFunctionThatFailsIsToldOf) {
  auto mapped = options();
  mapped.address_function = [&](std::string_view announced) -> std::string {
    if (announced.starts_with(first_announces)) return at(first);
    throw std::runtime_error("the registry is empty");
  };
  const auto session = CassandraSession::connect(mapped);
  works(session);
  EXPECT_THAT(log_with(second_announces), HasSubstr("the registry is empty"));
  mapped.address_function = [](std::string_view) -> std::string { throw 1; };
  const auto error = testing::error_of([&] { CassandraSession::connect(mapped); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("no std::exception"));
}

TEST_F(AddressesTest, WhereNoNodeIsReachedConnectingNamesBothAddressesAndTheRemedy) {
  auto mapped = options();
  mapped.address_map = {{.announced = first_announces, .reachable = "127.0.0.1:1"},
                        {.announced = second_announces, .reachable = "127.0.0.1:2"}};
  const auto error = testing::error_of([&] { CassandraSession::connect(mapped); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  const auto port = ":" + std::to_string(server().port);
  for (const std::string& part :
       {first_announces + port, second_announces + port, std::string("dialled at 127.0.0.1:1"),
        std::string("dialled at 127.0.0.1:2"), std::string("address_map")}) {
    EXPECT_THAT(error.what(), HasSubstr(part));
  }
}

TEST_F(AddressesTest, WhereNoNodeIsReachedAnyMoreErrorsNameBothAddresses) {
  auto both = options();
  both.contact_points.push_back(at(second));
  both.give_up_after = std::chrono::seconds{2};
  CassandraByteStore store(testing::new_table_name(), {.session = CassandraSession::connect(both)});
  store.mset({{"key", text("value")}});
  first.cut();
  second.cut();
  std::string last;
  EXPECT_TRUE(comes_about([&] {
    last = testing::batch_error_of([&] { store.mget({"key"}); }).failures().at(0).message;
    return last.find("no connection to any node") != std::string::npos;
  })) << last;
  const auto port = ":" + std::to_string(server().port);
  EXPECT_THAT(last, HasSubstr(first_announces + port + " dialled at " + at(first)));
  EXPECT_THAT(last, HasSubstr("check whether they run"));
}

TEST_F(AddressesTest, AWrongEntryIsRefusedWithItsPosition) {
  auto wrong = options();
  wrong.contact_points = {"127.0.0.1:1"};  // nobody is asked
  for (const auto& entry :
       std::vector<AddressMapping>{{.announced = "db", .reachable = "a:1"},
                                   {.announced = first_announces, .reachable = ""},
                                   {.announced = first_announces, .reachable = "a:x"},
                                   {.announced = second_announces, .reachable = "b:1"}}) {
    wrong.address_map = {{.announced = second_announces, .reachable = "a:1"}, entry};
    const auto error = testing::error_of([&] { CassandraSession::connect(wrong); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_THAT(error.what(), HasSubstr("entry 2 of address_map"));
  }
}

}  // namespace
}  // namespace bytestore
