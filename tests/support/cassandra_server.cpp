#include "support/cassandra_server.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace bytestore::testing {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (!file || !(content << file.rdbuf())) throw std::runtime_error("cannot read " + path);
  return content.str();
}

CassandraServer::Tls tls_of(const nlohmann::json& told) {
  return {.ca = told.at("ca"),
          .certificate = told.at("client").at("certificate"),
          .key = told.at("client").at("key"),
          .untrusted_ca = told.at("untrusted").at("ca"),
          .names = told.at("server_names"),
          .dns_name = told.at("dns_name")};
}

CassandraServer read_server() {
  const char* path = std::getenv("BYTESTORE_TEST_SERVER");
  if (path == nullptr || !std::ifstream(path)) {
    throw std::runtime_error(
        "this test needs a Cassandra: run it with ctest, or start one with `tests/cassandra/server "
        "up` and name its server.json in BYTESTORE_TEST_SERVER");
  }
  const auto told = nlohmann::json::parse(content_of(path));
  CassandraServer server{.contact_points = told.at("contact_points"),
                         .port = told.at("port"),
                         .datacenter = told.at("datacenter"),
                         .log = told.at("nodes").at(0).at("log"),
                         .username = {},
                         .password = {},
                         .superuser = {},
                         .superuser_password = {},
                         .tls = {}};
  if (const auto& auth = told.at("auth"); !auth.is_null()) {
    server.username = auth.at("user");
    server.password = content_of(auth.at("password_file"));
    server.superuser = auth.at("superuser");
    server.superuser_password = content_of(auth.at("superuser_password_file"));
  }
  if (const auto& tls = told.at("tls"); !tls.is_null()) server.tls = tls_of(tls);
  return server;
}

}  // namespace

const CassandraServer& cassandra_server() {
  static const CassandraServer server = read_server();
  return server;
}

CassandraSessionOptions session_options() {
  const CassandraServer& server = cassandra_server();
  const bool transactional = std::getenv("BYTESTORE_TEST_TRANSACTIONAL_MODE") != nullptr;
  return {.contact_points = server.contact_points,
          .port = server.port,
          .keyspace = "bytestore_test",
          .connect_timeout = std::chrono::minutes{2},
          .attempt_timeout = std::chrono::minutes{2},
          .consistency = transactional ? Consistency::quorum : Consistency::local_quorum};
}

std::string new_table_name() {
  static std::atomic<int> count = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return fmt::format("test_{}_{}", now.count(), ++count);
}

}  // namespace bytestore::testing
